#ifndef CEDIT_WIDE_H
#define CEDIT_WIDE_H

#include <stddef.h>
#include <wchar.h>

/// The wide form of UTF-8, to be freed; NULL with `errno` EILSEQ (no UTF-8) or ENOMEM.
wchar_t *cedit_widen(const char *utf8);

/// The UTF-8 of `count` wide characters, ended by a zero and to be freed; NULL with `errno` ENOMEM.
/// What is no Unicode scalar becomes U+FFFD.
char *cedit_narrow(const wchar_t *wide, size_t count, size_t *length);

#endif
