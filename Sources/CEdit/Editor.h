#ifndef CEDIT_EDITOR_H
#define CEDIT_EDITOR_H

#include <histedit.h>
#include <stdio.h>

#include "CEdit.h"

struct cedit_editor {
  EditLine *line;
  FILE *screen;
  wchar_t *prompt;
  /// For Ctrl-R; Up and Down use `entries`, because libedit's own commands copy the live line into a buffer of
  /// 1,024 characters.
  HistoryW *search;
  wchar_t **entries;
  size_t count;
  size_t capacity;
  /// Which entry stands in the line; `count` is the line being written, kept in `live` meanwhile.
  size_t position;
  wchar_t *live;
  cedit_is_incomplete is_incomplete;
  void *context;
  bool understands_escapes;
  bool was_interrupted;
  int failure;
};

/// The editor behind a libedit handle; NULL when there is none.
cedit_editor *cedit_of(EditLine *line);

/// Names and binds the editor's own keys. False when libedit refuses one.
bool cedit_bind_keys(cedit_editor *editor);

/// Waits for a key, serving window changes meanwhile (libedit's EL_GETCFN).
int cedit_read_key(EditLine *line, wchar_t *key);

#endif
