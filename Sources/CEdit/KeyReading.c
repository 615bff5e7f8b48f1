#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "Editor.h"
#include "WindowSignals.h"

static void serve_window(EditLine *line) {
  bool resized, resumed;
  cedit_take_window_changes(&resized, &resumed);
  if (resumed) {  // the shell had the terminal meanwhile
    el_wset(line, EL_PREP_TERM, 0);
    el_wset(line, EL_PREP_TERM, 1);
  }
  if (resized) el_resize(line);
  cedit_editor *editor = cedit_of(line);
  if (!editor || !(resized || resumed)) return;
  // libedit draws anew from where the cursor is.
  fputs(editor->understands_escapes ? "\r\033[K" : "\n", editor->screen);
  el_wset(line, EL_REFRESH);
}

/// One byte: 1, or 0 at the end, or -1 with `errno`.
static int read_byte(EditLine *line, unsigned char *byte) {
  for (;;) {
    struct pollfd ready[2] = {{STDIN_FILENO, POLLIN, 0}, {cedit_window_descriptor(), POLLIN, 0}};
    if (poll(ready, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return -1;
    }
    if (ready[1].revents) serve_window(line);
    if (!ready[0].revents) continue;
    ssize_t count = read(STDIN_FILENO, byte, 1);
    if (count >= 0) return (int)count;
    if (errno == EIO) return 0;  // the terminal is gone
    if (errno != EINTR && errno != EAGAIN) return -1;
  }
}

int cedit_read_key(EditLine *line, wchar_t *key) {
  unsigned char byte;
  int count = read_byte(line, &byte);
  if (count != 1) {
    cedit_editor *editor = cedit_of(line);
    if (count < 0 && editor) editor->failure = errno ? errno : EIO;
    return count;
  }
  int more = byte < 0x80 ? 0 : byte >> 5 == 6 ? 1 : byte >> 4 == 14 ? 2 : byte >> 3 == 30 ? 3 : -1;
  unsigned c = more <= 0 ? byte : byte & (0x3Fu >> more);
  for (int left = more; left > 0; left--) {
    if (read_byte(line, &byte) != 1) return 0;
    if (byte >> 6 != 2) more = -1;
    c = c << 6 | (byte & 0x3F);
  }
  *key = more < 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0xFFFD : (wchar_t)c;
  return 1;
}
