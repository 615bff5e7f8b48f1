#define _GNU_SOURCE
#include "Editor.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "Wide.h"
#include "WindowSignals.h"

bool cedit_use_utf8(void) {
  if (setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return true;
  return setlocale(LC_CTYPE, "C.UTF-8") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

cedit_editor *cedit_of(EditLine *line) {
  void *editor = NULL;
  return el_wget(line, EL_CLIENTDATA, &editor) == 0 ? editor : NULL;
}

static wchar_t *prompt_of(EditLine *line) {
  static wchar_t none[] = L"";
  cedit_editor *editor = cedit_of(line);
  return editor && editor->prompt ? editor->prompt : none;
}

static bool set_up(cedit_editor *editor) {
  return el_wset(editor->line, EL_CLIENTDATA, editor) == 0 && el_wset(editor->line, EL_SIGNAL, 0) == 0
         && el_wset(editor->line, EL_PROMPT, prompt_of) == 0 && el_wset(editor->line, EL_EDITOR, L"emacs") == 0
         && el_wset(editor->line, EL_GETCFN, cedit_read_key) == 0
         // Ctrl-C is a key while a line is edited, and a signal while a program runs.
         && el_wset(editor->line, EL_SETTY, L"-d", L"-isig", NULL) == 0
         // Ctrl-S searches forward and does not stop the terminal.
         && el_wset(editor->line, EL_SETTY, L"-d", L"-ixon", NULL) == 0;
}

cedit_editor *cedit_open(const char *program, int screen, bool draws, cedit_client client) {
  cedit_editor *editor = calloc(1, sizeof *editor);
  if (!editor) return NULL;
  *editor = (cedit_editor){.screen = screen, .draws = draws, .client = client};
  editor->canvas = draws ? fdopen(dup(screen), "w") : fopen("/dev/null", "we");
  if (editor->canvas) {
    editor->line = el_init_fd(program, stdin, editor->canvas, editor->canvas, STDIN_FILENO, screen, screen);
  }
  if (!editor->line || !cedit_watch_window() || !set_up(editor) || !cedit_add_commands(editor)) {
    cedit_close(editor);
    return NULL;
  }
  return editor;
}

void cedit_close(cedit_editor *editor) {
  if (!editor) return;
  if (editor->line) {
    el_wset(editor->line, EL_EDITMODE, 0);  // otherwise el_end throws pending input away
    el_end(editor->line);
  }
  if (editor->canvas) fclose(editor->canvas);
  for (int i = 0; i < CEDIT_COMMANDS; i++) free(editor->names[i]);
  free(editor->prompt);
  free(editor);
}

void cedit_read_settings(cedit_editor *editor) {
  el_source(editor->line, NULL);
  const wchar_t *name = NULL;
  if (el_wget(editor->line, EL_EDITOR, &name) != 0 || !name || wcscmp(name, L"vi") != 0) return;
  static const wchar_t escape[] = {CEDIT_ESCAPE_KEY, 0};
  editor->is_vi = el_wset(editor->line, EL_BIND, escape, L"vi-command-mode", NULL) == 0;
}

bool cedit_set_prompt(cedit_editor *editor, const char *utf8) {
  wchar_t *prompt = cedit_widen(utf8);
  if (!prompt) return false;
  free(editor->prompt);
  editor->prompt = prompt;
  return true;
}

const uint32_t *cedit_text(cedit_editor *editor, size_t *length, size_t *cursor) {
  const LineInfoW *info = el_wline(editor->line);
  *length = (size_t)(info->lastchar - info->buffer);
  *cursor = (size_t)(info->cursor - info->buffer);
  return (const uint32_t *)info->buffer;
}

bool cedit_replace(cedit_editor *editor, const uint32_t *text, size_t length, size_t cursor) {
  wchar_t *wide = calloc(length + 1, sizeof(wchar_t));
  if (!wide) return false;
  size_t count = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i]) wide[count++] = (wchar_t)text[i];
  }
  const LineInfoW *info = el_wline(editor->line);
  el_cursor(editor->line, INT_MAX / 2);
  el_wdeletestr(editor->line, (int)(info->lastchar - info->buffer));
  bool fits = count == 0 || el_winsertstr(editor->line, wide) == 0;
  free(wide);
  if (fits && cursor < count) el_cursor(editor->line, -(int)(count - cursor));
  return fits;
}

void cedit_prepare_terminal(cedit_editor *editor, bool editing) {
  el_wset(editor->line, EL_PREP_TERM, editing ? 1 : 0);
}

static void announce_pastes(cedit_editor *editor, bool on) {
  if (editor->draws) return;
  const char *text = on ? "\033[?2004h" : "\033[?2004l";
  ssize_t ignored = write(editor->screen, text, strlen(text));
  (void)ignored;
}

cedit_outcome cedit_read(cedit_editor *editor, const uint32_t *text, size_t length) {
  editor->was_interrupted = editor->is_pasting = false;
  editor->failure = 0;
  bool resized, resumed;
  cedit_take_window_changes(&resized, &resumed);
  if (resized) el_resize(editor->line);
  // Before the prompt is seen, not after it as libedit would: a key pressed at once must already be a key.
  el_wset(editor->line, EL_PREP_TERM, 1);
  announce_pastes(editor, true);
  editor->initial = text;
  editor->initial_length = length;
  int count = 0;
  const wchar_t *read = el_wgets(editor->line, &count);
  announce_pastes(editor, false);
  if (editor->was_interrupted) return CEDIT_INTERRUPTED;
  if (editor->failure) {
    errno = editor->failure;
    return CEDIT_FAILED;
  }
  return read && count >= 0 ? CEDIT_TEXT : CEDIT_END;
}
