#include "Wide.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_scalar(uint32_t c) { return c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF); }

/// Reads one scalar; the number of bytes, or 0 where there is none.
static size_t decode(const unsigned char *s, uint32_t *out) {
  static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t count = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
  if (count == 0) return 0;
  uint32_t c = count == 1 ? s[0] : s[0] & (0xFFu >> (count + 1));
  for (size_t i = 1; i < count; i++) {
    if (s[i] >> 6 != 2) return 0;
    c = c << 6 | (s[i] & 0x3F);
  }
  if (c < smallest[count] || !is_scalar(c)) return 0;
  *out = c;
  return count;
}

wchar_t *cedit_widen(const char *utf8) {
  const unsigned char *from = (const unsigned char *)utf8;
  wchar_t *wide = calloc(strlen(utf8) + 1, sizeof(wchar_t));
  if (!wide) return NULL;
  for (size_t at = 0; *from; at++) {
    uint32_t c = 0;
    size_t count = decode(from, &c);
    if (count == 0) {
      free(wide);
      errno = EILSEQ;
      return NULL;
    }
    wide[at] = (wchar_t)c;
    from += count;
  }
  return wide;
}
