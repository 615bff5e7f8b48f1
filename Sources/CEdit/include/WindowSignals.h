#ifndef CEDIT_WINDOW_SIGNALS_H
#define CEDIT_WINDOW_SIGNALS_H

#include <stdbool.h>

/// From now on a resized window and a resumed process are noted. False with `errno` when that cannot be.
bool cedit_watch_window(void);

/// A descriptor that is readable while something was noted; -1 before `cedit_watch_window`.
int cedit_window_descriptor(void);

/// Takes what was noted: whether the window was resized, whether the process was resumed.
void cedit_take_window_changes(bool *resized, bool *resumed);

#endif
