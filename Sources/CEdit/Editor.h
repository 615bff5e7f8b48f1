#ifndef CEDIT_EDITOR_H
#define CEDIT_EDITOR_H

#include <histedit.h>
#include <stdio.h>

#include "CEdit.h"

struct cedit_editor {
  EditLine *line;
  /// Where libedit draws: nowhere, unless it draws itself.
  FILE *canvas;
  int screen;
  bool draws;
  cedit_client client;
  wchar_t *prompt;
  wchar_t *names[CEDIT_COMMANDS];
  /// What the next read starts with.
  const uint32_t *initial;
  size_t initial_length;
  /// The user's settings ask for vi's keys.
  bool is_vi;
  bool was_interrupted;
  /// Keys come for a paste: nobody else is asked about them.
  bool is_pasting;
  int failure;
};

/// What an Escape key on its own becomes with vi's keys. An escape byte begins the names of other keys, and libedit
/// would wait for the rest of one.
#define CEDIT_ESCAPE_KEY 0x1d

/// The editor behind a libedit handle; NULL when there is none.
cedit_editor *cedit_of(EditLine *line);

/// Gives libedit the functions that stand for the client's commands, and binds the keys that every line needs.
bool cedit_add_commands(cedit_editor *editor);

/// Waits for a key, serving window changes meanwhile (libedit's EL_GETCFN).
int cedit_read_key(EditLine *line, wchar_t *key);

#endif
