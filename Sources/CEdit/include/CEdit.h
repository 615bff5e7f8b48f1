/// Typed functions around libedit, whose own settings are variadic and so out of Swift's reach.
/// Texts are UTF-8 on this side and wide characters on libedit's. Everything that can fail says so.
#ifndef CEDIT_H
#define CEDIT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cedit_editor cedit_editor;

/// What ended a read.
typedef enum {
  /// Enter: the text is there.
  CEDIT_TEXT = 0,
  /// Ctrl-D on an empty line, or nothing more to come.
  CEDIT_END = 1,
  /// Ctrl-C: what was typed is forgotten.
  CEDIT_INTERRUPTED = 2,
  /// The terminal could not be read, or memory ran out; `errno` says which.
  CEDIT_FAILED = 3
} cedit_outcome;

/// Whether Enter inserts a line break (true) or hands the text over (false).
typedef bool (*cedit_is_incomplete)(void *context, const char *utf8, size_t length);

/// Makes characters UTF-8: the environment's locale, or C.UTF-8 where that speaks another encoding.
/// False when neither can be had. Number formats stay as they are.
bool cedit_use_utf8(void);

/// An editor that reads from standard input and draws on standard output, or on standard error.
/// NULL when the terminal or memory refuses.
cedit_editor *cedit_open(const char *program, bool draws_on_standard_error);

/// Gives the terminal back. NULL is allowed.
void cedit_close(cedit_editor *editor);

/// Sets the prompt; what stands between two \x01 bytes is sent to the terminal without being measured.
/// False when it is no UTF-8 or memory ran out.
bool cedit_set_prompt(cedit_editor *editor, const char *utf8);

/// Asks `function` at each Enter; NULL makes Enter always hand over.
void cedit_set_is_incomplete(cedit_editor *editor, cedit_is_incomplete function, void *context);

/// Adds a text (it may hold line breaks) to what Up and Ctrl-R find. False as above.
bool cedit_add_history(cedit_editor *editor, const char *utf8);

/// Reads a text. On CEDIT_TEXT `*utf8` holds it, `*length` bytes without the final line break, to be freed
/// with `free`; otherwise it is NULL.
cedit_outcome cedit_read(cedit_editor *editor, char **utf8, size_t *length);

#endif
