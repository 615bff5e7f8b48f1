/// Typed functions around libedit, whose own settings are variadic and so out of Swift's reach.
///
/// libedit is the editor: it owns the terminal's modes, the keys with everything in `~/.editrc`, the text and the
/// cursor, the words, the kills. What stands on the screen is the client's: libedit draws into nothing, and the client
/// is asked to draw whenever no key is waiting. Only at a terminal without escape sequences libedit draws itself.
///
/// Texts are UTF-32 here and UTF-8 where it says so. Everything that can fail says so.
#ifndef CEDIT_H
#define CEDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "WindowSignals.h"

typedef struct cedit_editor cedit_editor;

/// What ended a read.
typedef enum {
  /// The text is there.
  CEDIT_TEXT = 0,
  /// Ctrl-D on an empty line, or nothing more to come.
  CEDIT_END = 1,
  /// Ctrl-C: what was typed is forgotten.
  CEDIT_INTERRUPTED = 2,
  /// The terminal could not be read, or memory ran out; `errno` says which.
  CEDIT_FAILED = 3
} cedit_outcome;

/// What a command of the client asks for.
typedef enum {
  CEDIT_GO_ON = 0,
  /// Nothing could be done.
  CEDIT_REFUSE = 1,
  CEDIT_HAND_OVER = 2,
  CEDIT_LEAVE = 3,
  CEDIT_GIVE_UP = 4
} cedit_answer;

/// Who draws, and who is asked about keys. All are called on the thread that reads.
typedef struct {
  void *context;
  /// No key is waiting: what should be seen is to be shown.
  void (*show)(void *context);
  /// A key has come, before libedit sees it; true takes it away.
  bool (*takes)(void *context, uint32_t key);
  /// A key bound with `cedit_bind`.
  cedit_answer (*run)(void *context, int command);
  /// A bracketed paste.
  void (*paste)(void *context, const uint32_t *text, size_t length);
  /// The window has another size, or (`resumed`) the shell had the terminal meanwhile.
  void (*window)(void *context, bool resumed);
} cedit_client;

/// So many commands can be bound: 0 ..< CEDIT_COMMANDS.
enum { CEDIT_COMMANDS = 32 };

/// Makes characters UTF-8: the environment's locale, or C.UTF-8 where that speaks another encoding.
/// False when neither can be had. Number formats stay as they are.
bool cedit_use_utf8(void);

/// An editor that reads from standard input. `draws`: libedit draws on `screen`, a descriptor, itself.
/// NULL when the terminal or memory refuses.
cedit_editor *cedit_open(const char *program, int screen, bool draws, cedit_client client);

/// Gives the terminal back. NULL is allowed.
void cedit_close(cedit_editor *editor);

/// Binds keys, in libedit's notation (`^R`, `\033[A`), to a command of the client; `everywhere` in vi's command mode
/// too. False when libedit refuses.
bool cedit_bind(cedit_editor *editor, int command, const char *name, const char *keys, bool everywhere);

/// Binds keys to a command of libedit's by its name. False when it refuses.
bool cedit_bind_standard(cedit_editor *editor, const char *keys, const char *name);

/// Reads the user's own `~/.editrc`, if there is one.
void cedit_read_settings(cedit_editor *editor);

/// Sets the prompt libedit draws (UTF-8). False when it is no UTF-8 or memory ran out.
bool cedit_set_prompt(cedit_editor *editor, const char *utf8);

/// The text being edited; it stands until the next call of anything else here.
const uint32_t *cedit_text(cedit_editor *editor, size_t *length, size_t *cursor);

/// Puts a text and a cursor in place of those. False when memory ran out.
bool cedit_replace(cedit_editor *editor, const uint32_t *text, size_t length, size_t cursor);

/// Reads until a command ends it; the text begins as `text`. On CEDIT_TEXT, `cedit_text` has it.
cedit_outcome cedit_read(cedit_editor *editor, const uint32_t *text, size_t length);

/// Gives the terminal its modes for a program, or takes them for editing.
void cedit_prepare_terminal(cedit_editor *editor, bool editing);

#endif
