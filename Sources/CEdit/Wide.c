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

char *cedit_narrow(const wchar_t *wide, size_t count, size_t *length) {
  if (count > (SIZE_MAX - 1) / 4) {
    errno = ENOMEM;
    return NULL;
  }
  unsigned char *utf8 = malloc(count * 4 + 1);
  if (!utf8) return NULL;
  unsigned char *to = utf8;
  for (size_t i = 0; i < count; i++) {
    uint32_t c = is_scalar((uint32_t)wide[i]) ? (uint32_t)wide[i] : 0xFFFD;
    if (c < 0x80) {
      *to++ = (unsigned char)c;
      continue;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    *to++ = (unsigned char)((0xFF00u >> (more + 1) & 0xFF) | c >> (6 * more));
    while (more-- > 0) *to++ = (unsigned char)(0x80 | (c >> (6 * more) & 0x3F));
  }
  *to = 0;
  *length = (size_t)(to - utf8);
  return (char *)utf8;
}
