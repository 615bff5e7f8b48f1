#ifndef CEDIT_WIDE_H
#define CEDIT_WIDE_H

#include <wchar.h>

/// The wide form of UTF-8, to be freed; NULL with `errno` EILSEQ (no UTF-8) or ENOMEM.
wchar_t *cedit_widen(const char *utf8);

#endif
