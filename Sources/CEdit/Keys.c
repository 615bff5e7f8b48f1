#define _GNU_SOURCE
#include "Editor.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "Wide.h"

/// The key that hands the text over as it stands: libedit's own command alone knows how to leave the text on the
/// screen where libedit draws.
static const wchar_t hand_over[] = L"\036";

static unsigned char answer(cedit_editor *editor, cedit_answer wish) {
  switch (wish) {
    case CEDIT_REFUSE: return CC_ERROR;
    case CEDIT_LEAVE: return CC_EOF;
    case CEDIT_GIVE_UP:
      editor->was_interrupted = true;
      if (!editor->draws) return CC_NEWLINE;
      el_cursor(editor->line, INT_MAX / 2);
      if (el_winsertstr(editor->line, L"^C") != 0) return CC_EOF;
      el_wpush(editor->line, hand_over);
      return CC_REFRESH;
    case CEDIT_HAND_OVER:
      if (!editor->draws) return CC_NEWLINE;
      el_wpush(editor->line, hand_over);
      return CC_NORM;
    default: return CC_REFRESH;
  }
}

static unsigned char run(EditLine *line, int command) {
  cedit_editor *editor = cedit_of(line);
  return editor ? answer(editor, editor->client.run(editor->client.context, command)) : CC_ERROR;
}

// libedit does not tell a function which command it is: each has its own.
#define COMMAND(n) static unsigned char run##n(EditLine *line, wint_t key) { (void)key; return run(line, n); }
#define ALL(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) \
  X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
ALL(COMMAND)
#define ENTRY(n) run##n,
static unsigned char (*const commands[CEDIT_COMMANDS])(EditLine *, wint_t) = {ALL(ENTRY)};

/// Ctrl-Z, which is no signal while a line is edited.
static unsigned char suspend(EditLine *line, wint_t key) {
  (void)key;
  el_wset(line, EL_PREP_TERM, 0);
  kill(0, SIGTSTP);
  el_wset(line, EL_PREP_TERM, 1);
  return CC_REDISPLAY;
}

/// A bracketed paste goes into the line as it is, whatever keys its characters are bound to.
static unsigned char paste(EditLine *line, wint_t key) {
  (void)key;
  static const wchar_t end[] = L"\033[201~";
  const size_t mark = sizeof end / sizeof *end - 1;
  cedit_editor *editor = cedit_of(line);
  if (!editor) return CC_ERROR;
  size_t count = 0, capacity = 256;
  uint32_t *text = malloc(capacity * sizeof *text);
  editor->is_pasting = true;
  while (text) {
    wchar_t c;
    if (el_wgetc(line, &c) != 1) break;
    if (c == 0) continue;
    if (count >= capacity) {
      uint32_t *larger = realloc(text, (capacity *= 2) * sizeof *text);
      if (!larger) break;
      text = larger;
    }
    text[count++] = c == L'\r' ? '\n' : (uint32_t)c;
    if (count >= mark && memcmp(text + count - mark, end, mark * sizeof *text) == 0) {
      count -= mark;
      break;
    }
  }
  editor->is_pasting = false;
  if (!text) return CC_ERROR;
  editor->client.paste(editor->client.context, text, count);
  free(text);
  return CC_REFRESH;
}

static bool add(cedit_editor *editor, const wchar_t *name, unsigned char (*function)(EditLine *, wint_t)) {
  return el_wset(editor->line, EL_ADDFN, name, L"", function) == 0;
}

static bool bind(cedit_editor *editor, const wchar_t *keys, const wchar_t *name) {
  return el_wset(editor->line, EL_BIND, keys, name, NULL) == 0;
}

bool cedit_add_commands(cedit_editor *editor) {
  return add(editor, L"maas-suspend", suspend) && bind(editor, L"^Z", L"maas-suspend")
         && add(editor, L"maas-paste", paste) && bind(editor, L"\033[200~", L"maas-paste")
         && bind(editor, hand_over, L"ed-newline");
}

bool cedit_bind(cedit_editor *editor, int command, const char *name, const char *keys, bool everywhere) {
  if (command < 0 || command >= CEDIT_COMMANDS) return false;
  if (!editor->names[command]) {
    // libedit keeps the pointer.
    editor->names[command] = cedit_widen(name);
    if (!editor->names[command] || !add(editor, editor->names[command], commands[command])) return false;
  }
  wchar_t *wide = cedit_widen(keys);
  bool bound = wide && bind(editor, wide, editor->names[command]);
  // The alternative map is vi's command mode.
  if (bound && everywhere) bound = el_wset(editor->line, EL_BIND, L"-a", wide, editor->names[command], NULL) == 0;
  free(wide);
  return bound;
}

bool cedit_bind_standard(cedit_editor *editor, const char *keys, const char *name) {
  wchar_t *wide_keys = cedit_widen(keys), *wide_name = cedit_widen(name);
  bool bound = wide_keys && wide_name && bind(editor, wide_keys, wide_name);
  free(wide_keys);
  free(wide_name);
  return bound;
}
