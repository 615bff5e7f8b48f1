#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "Editor.h"
#include "WindowSignals.h"

static void serve_window(cedit_editor *editor) {
  bool resized, resumed;
  cedit_take_window_changes(&resized, &resumed);
  if (resumed) {  // the shell had the terminal meanwhile
    el_wset(editor->line, EL_PREP_TERM, 0);
    el_wset(editor->line, EL_PREP_TERM, 1);
  }
  if (!resized && !resumed) return;
  if (resized) el_resize(editor->line);
  if (editor->draws) {
    fputs("\n", editor->canvas);
    el_wset(editor->line, EL_REFRESH);
  } else {
    editor->client.window(editor->client.context, resumed);
  }
}

/// One byte: 1, or 0 at the end, or -1 with `errno`.
static int read_byte(cedit_editor *editor, unsigned char *byte) {
  bool is_shown = editor->is_pasting;
  for (;;) {
    struct pollfd ready[2] = {{STDIN_FILENO, POLLIN, 0}, {cedit_window_descriptor(), POLLIN, 0}};
    // What should be seen is shown when nothing more is to come for now: a paste or a held key is drawn once.
    int count = poll(ready, 2, is_shown ? -1 : 0);
    if (count < 0 && errno != EINTR) return -1;
    if (count < 0) continue;
    if (count == 0) {
      editor->client.show(editor->client.context);
      is_shown = true;
      continue;
    }
    if (ready[1].revents) {
      serve_window(editor);
      is_shown = false;
    }
    if (!ready[0].revents) continue;
    ssize_t bytes = read(STDIN_FILENO, byte, 1);
    if (bytes >= 0) return (int)bytes;
    if (errno == EIO) return 0;  // the terminal is gone
    if (errno != EINTR && errno != EAGAIN) return -1;
  }
}

/// One character; 1, 0 or -1 as above. What is no UTF-8 is U+FFFD.
static int read_character(cedit_editor *editor, wchar_t *key) {
  unsigned char byte;
  int count = read_byte(editor, &byte);
  if (count != 1) return count;
  int more = byte < 0x80 ? 0 : byte >> 5 == 6 ? 1 : byte >> 4 == 14 ? 2 : byte >> 3 == 30 ? 3 : -1;
  unsigned c = more <= 0 ? byte : byte & (0x3Fu >> more);
  for (int left = more; left > 0; left--) {
    if (read_byte(editor, &byte) != 1) return 0;
    if (byte >> 6 != 2) more = -1;
    c = c << 6 | (byte & 0x3F);
  }
  *key = more < 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0xFFFD : (wchar_t)c;
  return 1;
}

/// Whether nothing follows at once: an escape byte is then the Escape key.
static bool is_alone(void) {
  struct pollfd ready = {STDIN_FILENO, POLLIN, 0};
  return poll(&ready, 1, 25) == 0;
}

int cedit_read_key(EditLine *line, wchar_t *key) {
  cedit_editor *editor = cedit_of(line);
  if (!editor) return -1;
  if (editor->initial_length) {
    // libedit empties its line when a read begins; a text to begin with comes in before the first key.
    size_t length = editor->initial_length;
    editor->initial_length = 0;
    cedit_replace(editor, editor->initial, length, length);
  }
  for (;;) {
    int count = read_character(editor, key);
    if (count < 0) editor->failure = errno ? errno : EIO;
    if (count != 1) return count;
    if (*key == L'\033' && editor->is_vi && !editor->is_pasting && is_alone()) *key = CEDIT_ESCAPE_KEY;
    if (editor->is_pasting || !editor->client.takes(editor->client.context, (uint32_t)*key)) return 1;
  }
}
