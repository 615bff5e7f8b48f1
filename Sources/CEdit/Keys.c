#define _GNU_SOURCE
#include "Editor.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "Wide.h"

typedef unsigned char (*command)(EditLine *, wint_t);

/// The key that hands the text over as it stands. Enter and Ctrl-C press it: libedit's own command alone knows how to
/// leave the text on the screen.
static const wchar_t hand_over[] = L"\036";

static unsigned char fail(cedit_editor *editor) {
  editor->failure = errno ? errno : EIO;
  return CC_EOF;
}

static unsigned char interrupt(EditLine *line, wint_t key) {
  (void)key;
  cedit_editor *editor = cedit_of(line);
  if (!editor) return CC_ERROR;
  editor->was_interrupted = true;
  el_cursor(line, INT_MAX / 2);
  if (el_winsertstr(line, L"^C") != 0) return CC_EOF;
  el_wpush(line, hand_over);
  return CC_REFRESH;
}

/// Ctrl-Z, which is no signal while a line is edited.
static unsigned char suspend(EditLine *line, wint_t key) {
  (void)key;
  el_wset(line, EL_PREP_TERM, 0);
  kill(0, SIGTSTP);
  el_wset(line, EL_PREP_TERM, 1);
  return CC_REDISPLAY;
}

/// Whether the window could take another row; texts taller than the window would be drawn askew.
static bool has_room(EditLine *line) {
  struct winsize window;
  if (ioctl(STDIN_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_row == 0) window.ws_row = 24;
  const LineInfoW *info = el_wline(line);
  int rows = 2;
  for (const wchar_t *at = info->buffer; at < info->lastchar; at++) rows += *at == L'\n';
  return rows < window.ws_row;
}

static unsigned char enter(EditLine *line, wint_t key) {
  (void)key;
  cedit_editor *editor = cedit_of(line);
  if (!editor) return CC_ERROR;
  if (editor->is_incomplete && has_room(line)) {
    const LineInfoW *info = el_wline(line);
    size_t length = 0;
    char *text = cedit_narrow(info->buffer, (size_t)(info->lastchar - info->buffer), &length);
    if (!text) return fail(editor);
    bool goes_on = editor->is_incomplete(editor->context, text, length);
    free(text);
    if (goes_on) return el_winsertstr(line, L"\n") == 0 ? CC_REFRESH : CC_ERROR;
  }
  el_wpush(line, hand_over);
  return CC_NORM;
}

static unsigned char insert_tab(EditLine *line, wint_t key) {
  (void)key;
  return el_winsertstr(line, L"  ") == 0 ? CC_REFRESH : CC_ERROR;
}

/// The start of the row that holds `at`.
static const wchar_t *row_start(const LineInfoW *info, const wchar_t *at) {
  while (at > info->buffer && at[-1] != L'\n') at--;
  return at;
}

static unsigned char move_to(EditLine *line, const LineInfoW *info, const wchar_t *row, ptrdiff_t column) {
  const wchar_t *at = row;
  while (at < info->lastchar && *at != L'\n' && at - row < column) at++;
  el_cursor(line, (int)(at - info->cursor));
  return CC_REFRESH;
}

static bool show_entry(cedit_editor *editor, size_t position) {
  if (editor->position == editor->count) {
    const LineInfoW *info = el_wline(editor->line);
    size_t count = (size_t)(info->lastchar - info->buffer);
    wchar_t *live = calloc(count + 1, sizeof(wchar_t));
    if (!live) return false;
    wmemcpy(live, info->buffer, count);
    free(editor->live);
    editor->live = live;
  }
  editor->position = position;
  const wchar_t *text = position < editor->count ? editor->entries[position] : editor->live;
  const LineInfoW *info = el_wline(editor->line);
  el_cursor(editor->line, INT_MAX / 2);
  el_wdeletestr(editor->line, (int)(info->lastchar - info->buffer));
  return *text == 0 || el_winsertstr(editor->line, text) == 0;
}

static unsigned char up(EditLine *line, wint_t key) {
  (void)key;
  cedit_editor *editor = cedit_of(line);
  if (!editor) return CC_ERROR;
  const LineInfoW *info = el_wline(line);
  const wchar_t *row = row_start(info, info->cursor);
  if (row > info->buffer) return move_to(line, info, row_start(info, row - 1), info->cursor - row);
  if (editor->position == 0) return CC_ERROR;
  return show_entry(editor, editor->position - 1) ? CC_REFRESH : CC_ERROR;
}

static unsigned char down(EditLine *line, wint_t key) {
  (void)key;
  cedit_editor *editor = cedit_of(line);
  if (!editor) return CC_ERROR;
  const LineInfoW *info = el_wline(line);
  const wchar_t *end = info->cursor;
  while (end < info->lastchar && *end != L'\n') end++;
  if (end < info->lastchar) {
    return move_to(line, info, end + 1, info->cursor - row_start(info, info->cursor));
  }
  if (editor->position >= editor->count) return CC_ERROR;
  return show_entry(editor, editor->position + 1) ? CC_REFRESH : CC_ERROR;
}

/// A bracketed paste goes into the line as it is, whatever keys its characters are bound to.
static unsigned char paste(EditLine *line, wint_t key) {
  (void)key;
  static const wchar_t end[] = L"\033[201~";
  const size_t mark = sizeof end / sizeof *end - 1;
  size_t count = 0, capacity = 256;
  wchar_t *text = malloc(capacity * sizeof(wchar_t));
  while (text) {
    wchar_t c;
    if (el_wgetc(line, &c) != 1) break;
    if (c == 0) continue;
    if (count + 1 >= capacity) {
      wchar_t *larger = realloc(text, (capacity *= 2) * sizeof(wchar_t));
      if (!larger) break;
      text = larger;
    }
    text[count++] = c == L'\r' ? L'\n' : c;
    if (count >= mark && wmemcmp(text + count - mark, end, mark) == 0) {
      count -= mark;
      break;
    }
  }
  if (!text) return CC_ERROR;
  while (count > 0 && text[count - 1] == L'\n') count--;
  text[count] = 0;
  bool fits = count == 0 || el_winsertstr(line, text) == 0;
  free(text);
  return fits ? CC_REFRESH : CC_ERROR;
}

bool cedit_bind_keys(cedit_editor *editor) {
  static const struct {
    const wchar_t *name;
    command run;
    const wchar_t *keys[4];
  } commands[] = {
      {L"maas-interrupt", interrupt, {L"^C"}},
      {L"maas-suspend", suspend, {L"^Z"}},
      {L"maas-enter", enter, {L"^M", L"^J"}},
      {L"maas-tab", insert_tab, {L"^I"}},
      {L"maas-up", up, {L"\033[A", L"\033OA", L"^P"}},
      {L"maas-down", down, {L"\033[B", L"\033OB", L"^N"}},
      {L"maas-paste", paste, {L"\033[200~"}},
  };
  bool bound = true;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    bound = bound && el_wset(editor->line, EL_ADDFN, commands[i].name, L"", commands[i].run) == 0;
    for (size_t k = 0; bound && k < 4 && commands[i].keys[k]; k++) {
      bound = el_wset(editor->line, EL_BIND, commands[i].keys[k], commands[i].name, NULL) == 0;
    }
  }
  static const wchar_t *const standard[][2] = {
      {hand_over, L"ed-newline"},
      {L"\033[3~", L"ed-delete-next-char"}, {L"\033[H", L"ed-move-to-beg"},   {L"\033[F", L"ed-move-to-end"},
      {L"\033[1~", L"ed-move-to-beg"},      {L"\033[4~", L"ed-move-to-end"},  {L"\033[1;5C", L"em-next-word"},
      {L"\033[1;5D", L"ed-prev-word"},      {L"^R", L"em-inc-search-prev"},
  };
  for (size_t i = 0; bound && i < sizeof standard / sizeof *standard; i++) {
    bound = el_wset(editor->line, EL_BIND, standard[i][0], standard[i][1], NULL) == 0;
  }
  return bound;
}
