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
#include <unistd.h>
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#define SLACK 64
// Blocks from the first size on lie in large pages, from the second on in their own, between them beside each other:
// matrices that a step goes through again and again, whose rows would else be on a page each.
#define SHARED_FROM ((size_t)64 << 10)
#define HUGE_FROM ((size_t)4 << 20)
#define HUGE_PAGE ((size_t)2 << 20)
// Memory that such blocks share, on a multiple of its size; large pages of it that nothing lies on take no memory.
#define SHELF ((size_t)32 << 20)
// Between neighbours, so that equal places in blocks of one size do not fall on the same lines of the caches.
#define SHELF_GAP ((size_t)832)
// Four classes to a doubling, from 64 bytes up.
#define CLASSES 232

/// What is written in a block that is kept; hollow: without its pages but the first, and not counted.
typedef struct block {
  struct block *next;
  int is_hollow;
} block;
/// At its own start: up to where it is given out, how many of its blocks are not kept for reuse, and the next of those that
/// are about to be given back.
typedef struct shelf {
  size_t end, used;
  struct shelf *next;
} shelf;

static struct {
  atomic_flag busy;
  block *free[CLASSES];
  shelf *open;  // the shelf with room, or NULL
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

/// Whether blocks of a size lie beside others. A sanitizer is to see the ends of each.
static int is_shared(size_t size) {
#if defined(__linux__) && !defined(SANITIZED)
  return size >= SHARED_FROM && size < HUGE_FROM;
#else
  return (void)size, 0;
#endif
}
static shelf *shelf_of(void *block) { return (shelf *)((uintptr_t)block & ~(uintptr_t)(SHELF - 1)); }

/// Memory in large pages, where the system has them.
static void *large_pages(size_t size) {
  void *p = NULL;
  if (posix_memalign(&p, HUGE_PAGE, size)) return NULL;
#if defined(__linux__)
  madvise(p, size, MADV_HUGEPAGE);
#endif
  return p;
}

/// A shelf with nothing on it, or NULL.
static shelf *new_shelf(void) {
  shelf *s = NULL;
#if defined(__linux__)
  char *p = mmap(NULL, 2 * SHELF, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return NULL;
  s = shelf_of(p + SHELF - 1);
  if ((char *)s > p) munmap(p, (size_t)((char *)s - p));
  if ((char *)s < p + SHELF) munmap((char *)s + SHELF, (size_t)(p + SHELF - (char *)s));
  madvise(s, SHELF, MADV_HUGEPAGE);
  *s = (shelf){64, 0, NULL};
#endif
  return s;
}

static void give_back_shelf(shelf *s) {
#if defined(__linux__)
  munmap(s, SHELF);
#else
  (void)s;
#endif
}

/// A block beside others. Called with the lock held.
static void *from_shelf(size_t size) {
  size += SHELF_GAP;
  shelf *s = store.open;
  if (!s || s->end + size > SHELF) {
    s = new_shelf();
    if (!s) return NULL;
    store.open = s;
  }
  void *p = (char *)s + s->end;
  s->end += size;
  s->used++;
  return p;
}

/// Gives the pages of a kept block back, all but the one that it begins on.
static void hollow_out(block *b, size_t size) {
  if (b->is_hollow) return;
  b->is_hollow = 1;
#if defined(__linux__)
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)b;
  const uintptr_t from = (start + sizeof *b + page - 1) / page * page, to = (start + size) / page * page;
  if (from < to) madvise((void *)from, to - from, MADV_DONTNEED);
#else
  (void)size;
#endif
}

/// Bytes of the blocks of a class, slack included.
static size_t size_of_class(int class) {
  if (class < 4) return (size_t)(class + 1) * 64 + SLACK;
  return ((size_t)((class - 4) % 4 + 5) << ((class - 4) / 4)) * 64 + SLACK;
}

/// Gives the kept blocks of a class back. Of those that lie beside others, where some of these are in use, the pages: they
/// stay where they can be had again. Else their shelf is put on a list.
static void release_class(int class, shelf **empty) {
  const size_t size = size_of_class(class);
  for (block **at = &store.free[class]; *at;) {
    block *b = *at;
    shelf *s = is_shared(size) ? shelf_of(b) : NULL;
    if (s && s->used > 0) {
      hollow_out(b, size);
      at = &b->next;
      continue;
    }
    *at = b->next;
    if (!s) free(b);
    else if (s->end > 0) s->end = 0, s->next = *empty, *empty = s;
  }
}

/// Gives every kept block back to the system. Called with the lock held.
static void release_kept(void) {
  shelf *empty = NULL;
  for (int i = 0; i < CLASSES; i++)
    if (store.free[i]) release_class(i, &empty);
  while (empty) {
    shelf *s = empty;
    empty = s->next;
    if (s == store.open) store.open = NULL;
    give_back_shelf(s);
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
  if (size >= HUGE_FROM) return large_pages(size);
  void *p = NULL;
  if (is_shared(size)) {
    lock();
    p = from_shelf(size);
    unlock();
  } else if (posix_memalign(&p, 64, size)) {
    return NULL;
  }
  return p;
}

/// Takes a kept block of a class, or NULL. Called with the lock held.
static block *take_kept(int class, size_t size) {
  block *b = store.free[class];
  if (!b) return NULL;
  store.free[class] = b->next;
  if (!b->is_hollow) store.kept -= size;
  if (is_shared(size)) shelf_of(b)->used++;
  return b;
}

/// Keeps a block for reuse. Called with the lock held.
static void keep(block *b, int class, size_t size) {
  *b = (block){store.free[class], 0};
  store.free[class] = b;
  store.kept += size;
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
  block *b = take_kept(class, size);
  if (!b && store.kept > limit - live) release_kept();
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
  if (!pointer) return;
  size_t size;
  int class = class_of(bytes, &size);
  atomic_fetch_sub(&store.live, size);
  count_freed(size);
  lock();
  // A quarter of the limit, and at most 2 GB, waits for reuse.
  size_t most = atomic_load_explicit(&store.limit, memory_order_relaxed) / 4;
  if (most > (size_t)2 << 30) most = (size_t)2 << 30;
  if (is_shared(size)) {
    shelf_of(pointer)->used--;
    keep(pointer, class, size);
    if (store.kept > most) store.kept -= size, hollow_out(pointer, size);
    pointer = NULL;
  } else if (store.kept + size <= most) {
    keep(pointer, class, size);
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
