// Memory blocks in size classes; what a training loop frees it gets back without asking the system.
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "include/CEngine.h"
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#if defined(__linux__)
#include <malloc.h>
#include <sys/mman.h>
#endif

#define SLACK 64
#define HUGE_FROM ((size_t)4 << 20)
#define HUGE_PAGE ((size_t)2 << 20)
// Four classes to a doubling, from 64 bytes up.
#define CLASSES 232

typedef struct block { struct block *next; } block;

static struct {
  atomic_flag busy;
  block *free[CLASSES];
  size_t kept;
  atomic_size_t live;
  atomic_size_t limit;
} store = {.busy = ATOMIC_FLAG_INIT, .limit = SIZE_MAX};

// A thread may hold itself to less: its own blocks are counted beside those of all. What another thread frees stays
// on the account of the one that took it.
static _Thread_local size_t thread_live;
static _Thread_local size_t thread_limit = SIZE_MAX;

static void count_taken(size_t size) { thread_live += size; }
static void count_freed(size_t size) { thread_live -= size < thread_live ? size : thread_live; }

static void lock(void) {
  for (unsigned turn = 1; atomic_flag_test_and_set_explicit(&store.busy, memory_order_acquire); turn++) {
    if (turn % 64) continue;
    sched_yield();
  }
}
static void unlock(void) { atomic_flag_clear_explicit(&store.busy, memory_order_release); }

/// The class of a size and what its blocks take, slack included; sizes within 2^61 only.
static int class_of(size_t bytes, size_t *taken) {
  size_t units = bytes ? (bytes + 63) / 64 : 1;
  if (units <= 4) {
    *taken = units * 64 + SLACK;
    return (int)units - 1;
  }
  int top = 63 - __builtin_clzll(units - 1);  // units - 1 in [2^top, 2^(top+1))
  size_t step = (size_t)1 << (top - 2);
  size_t up = (units + step - 1) / step;      // 5...8 quarters
  *taken = up * step * 64 + SLACK;
  return 4 + (top - 2) * 4 + (int)(up - 5);
}

/// Gives every kept block back to the system. Called with the lock held.
static void release_kept(void) {
  for (int i = 0; i < CLASSES; i++) {
    while (store.free[i]) {
      block *b = store.free[i];
      store.free[i] = b->next;
      free(b);
    }
  }
  store.kept = 0;
}

void maas_give_back(void) {
  lock();
  release_kept();
  unlock();
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

static void *from_system(size_t size) {
  void *p = NULL;
  if (posix_memalign(&p, size >= HUGE_FROM ? HUGE_PAGE : 64, size)) return NULL;
#if defined(__linux__)
  if (size >= HUGE_FROM) madvise(p, size, MADV_HUGEPAGE);
#endif
  return p;
}

void *maas_block_allocate(size_t bytes) {
  if (bytes > (size_t)1 << 60) return NULL;
  size_t size;
  int class = class_of(bytes, &size);
  if (size > thread_limit || thread_live > thread_limit - size) return NULL;
  size_t limit = atomic_load_explicit(&store.limit, memory_order_relaxed);
  size_t live = atomic_fetch_add(&store.live, size) + size;
  if (live > limit) {
    atomic_fetch_sub(&store.live, size);
    return NULL;
  }
  lock();
  block *b = store.free[class];
  if (b) {
    store.free[class] = b->next;
    store.kept -= size;
  } else if (store.kept > limit - live) {
    release_kept();
  }
  unlock();
  count_taken(size);
  if (b) return b;
  void *p = from_system(size);
  if (!p) {
    lock();
    release_kept();
    unlock();
    p = from_system(size);
  }
  if (!p) {
    count_freed(size);
    atomic_fetch_sub(&store.live, size);
  }
  return p;
}

void maas_block_free(void *pointer, size_t bytes) {
  size_t size;
  int class = class_of(bytes, &size);
  atomic_fetch_sub(&store.live, size);
  count_freed(size);
  lock();
  // A quarter of the limit, and at most 2 GB, waits for reuse.
  size_t most = atomic_load_explicit(&store.limit, memory_order_relaxed) / 4;
  if (most > (size_t)2 << 30) most = (size_t)2 << 30;
  if (store.kept + size <= most) {
    block *b = pointer;
    b->next = store.free[class];
    store.free[class] = b;
    store.kept += size;
    pointer = NULL;
  }
  unlock();
  free(pointer);
}

size_t maas_thread_live_bytes(void) { return thread_live; }
size_t maas_memory_limit(void) {
  size_t limit = atomic_load_explicit(&store.limit, memory_order_relaxed);
  return limit < thread_limit ? limit : thread_limit;
}
void maas_set_thread_memory_limit(size_t bytes) { thread_limit = bytes; }
void maas_set_memory_limit(size_t bytes) { atomic_store(&store.limit, bytes); }
