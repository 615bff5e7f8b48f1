#define _GNU_SOURCE
#include "Editor.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
  HistEventW event;
  return el_wset(editor->line, EL_CLIENTDATA, editor) == 0 && el_wset(editor->line, EL_SIGNAL, 0) == 0
         && el_wset(editor->line, EL_PROMPT_ESC, prompt_of, L'\1') == 0
         && el_wset(editor->line, EL_EDITOR, L"emacs") == 0
         && history_w(editor->search, &event, H_SETSIZE, 10000) == 0
         && el_wset(editor->line, EL_HIST, history_w, editor->search) == 0
         && el_wset(editor->line, EL_GETCFN, cedit_read_key) == 0;
}

cedit_editor *cedit_open(const char *program, bool draws_on_standard_error) {
  cedit_editor *editor = calloc(1, sizeof *editor);
  if (!editor) return NULL;
  editor->screen = draws_on_standard_error ? stderr : stdout;
  editor->line = el_init(program, stdin, editor->screen, stderr);
  editor->search = history_winit();
  bool stands = editor->line && editor->search && cedit_watch_window() && set_up(editor);
  if (stands) {
    el_source(editor->line, NULL);  // the user's own ~/.editrc, which may be absent
    // Ctrl-C is a key while a line is edited, and a signal while a program runs.
    stands = el_wset(editor->line, EL_SETTY, L"-d", L"-isig", NULL) == 0 && cedit_bind_keys(editor);
  }
  if (!stands) {
    cedit_close(editor);
    return NULL;
  }
  const char *kind = getenv("TERM");
  editor->understands_escapes = kind && *kind && strcmp(kind, "dumb") != 0;
  return editor;
}

void cedit_close(cedit_editor *editor) {
  if (!editor) return;
  if (editor->line) {
    el_wset(editor->line, EL_EDITMODE, 0);  // otherwise el_end throws pending input away
    el_end(editor->line);
  }
  if (editor->search) history_wend(editor->search);
  for (size_t i = 0; i < editor->count; i++) free(editor->entries[i]);
  free(editor->entries);
  free(editor->live);
  free(editor->prompt);
  free(editor);
}

bool cedit_set_prompt(cedit_editor *editor, const char *utf8) {
  wchar_t *prompt = cedit_widen(utf8);
  if (!prompt) return false;
  free(editor->prompt);
  editor->prompt = prompt;
  return true;
}

void cedit_set_is_incomplete(cedit_editor *editor, cedit_is_incomplete function, void *context) {
  editor->is_incomplete = function;
  editor->context = context;
}

bool cedit_add_history(cedit_editor *editor, const char *utf8) {
  wchar_t *entry = cedit_widen(utf8);
  if (!entry) return false;
  if (editor->count == editor->capacity) {
    size_t capacity = editor->capacity ? editor->capacity * 2 : 64;
    wchar_t **larger = realloc(editor->entries, capacity * sizeof *larger);
    if (!larger) {
      free(entry);
      return false;
    }
    editor->entries = larger;
    editor->capacity = capacity;
  }
  editor->entries[editor->count++] = entry;
  HistEventW event;
  return history_w(editor->search, &event, H_ENTER, entry) >= 0;
}

static void announce_pastes(cedit_editor *editor, bool on) {
  if (!editor->understands_escapes) return;
  fputs(on ? "\033[?2004h" : "\033[?2004l", editor->screen);
  fflush(editor->screen);
}

cedit_outcome cedit_read(cedit_editor *editor, char **utf8, size_t *length) {
  *utf8 = NULL;
  *length = 0;
  editor->was_interrupted = false;
  editor->failure = 0;
  editor->position = editor->count;
  bool resized, resumed;
  cedit_take_window_changes(&resized, &resumed);
  if (resized) el_resize(editor->line);
  // Before the prompt is seen, not after it as libedit would: a key pressed at once must already be a key.
  el_wset(editor->line, EL_PREP_TERM, 1);
  announce_pastes(editor, true);
  int count = 0;
  const wchar_t *text = el_wgets(editor->line, &count);
  announce_pastes(editor, false);
  if (editor->was_interrupted) return CEDIT_INTERRUPTED;
  if (editor->failure) {
    errno = editor->failure;
    return CEDIT_FAILED;
  }
  if (!text || count < 0) return CEDIT_END;
  while (count > 0 && text[count - 1] == L'\n') count--;
  *utf8 = cedit_narrow(text, (size_t)count, length);
  return *utf8 ? CEDIT_TEXT : CEDIT_FAILED;
}
