#pragma once

#include <stdlib.h>

#include "Bytecode.h"

// A flag that a signal handler sets and any thread reads.

static inline void store_flag(int *flag, int value) { __atomic_store_n(flag, value, __ATOMIC_RELAXED); }
static inline int load_flag(const int *flag) { return __atomic_load_n(flag, __ATOMIC_RELAXED); }

// Reference counts without atomic instructions.
//
// The values of a session belong to its thread alone; on a call of a small function, atomic counting would be a third
// of the time. Swift has the entry points but no name for them.

void *swift_nonatomic_retain(void *object);
void swift_nonatomic_release(void *object);

static inline void retain_unshared(const void *object) { swift_nonatomic_retain((void *)object); }
static inline void release_unshared(const void *object) { swift_nonatomic_release((void *)object); }

// Memory that grows where it lies, or is moved by the system's page tables: a long list is not copied as it grows.

static inline void *resized_block(void *block, long bytes) {
  void *resized = realloc(block, (size_t)bytes);
  if (resized == NULL) abort();
  return resized;
}
static inline void free_block(void *block) { free(block); }
