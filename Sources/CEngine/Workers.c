// A pool of threads that spin briefly and then sleep. Which thread takes a part never changes what is computed:
// the parts are fixed by the caller. Each thread begins with its own share of them, so that it meets the same slice of
// memory in operation after operation, and then takes what others have not begun.
#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif
#include "Kernels.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MOST 64

static struct {
  // Written by the owner before `epoch`, read by workers after they claimed a part.
  void (*body)(void *, size_t);
  void *context;
  maas_float_mode mode;
  const int *watched;
  _Alignas(64) atomic_uint_fast64_t epoch;
  atomic_size_t shares;
  struct {
    _Alignas(64) atomic_uint_fast64_t left;  // see `share_of`
  } share[MOST];
  _Alignas(64) atomic_size_t finished;
  _Alignas(64) atomic_int owned;
  atomic_int sleepers;
  atomic_int wanted;
  int started;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static _Thread_local int inside;

/// Set by whoever wants long loops of this thread to end early; the workers take over the owner's.
static _Thread_local const int *watched;

const int *maas_watch(const int *flag) {
  const int *before = watched;
  watched = flag;
  return before;
}

int maas_cancelled(void) { return watched && __atomic_load_n(watched, __ATOMIC_RELAXED); }

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static uint64_t nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int default_count(void) {
  const char *asked = getenv("MAAS_THREADS");
  if (asked) {
    long n = strtol(asked, NULL, 10);
    if (n >= 1) return n > MOST ? MOST : (int)n;
  }
  long n = 1;
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) n = CPU_COUNT(&set);
#else
  n = sysconf(_SC_NPROCESSORS_ONLN);
#endif
  return n < 1 ? 1 : n > MOST ? MOST : (int)n;
}

int maas_thread_count(void) {
  int n = atomic_load_explicit(&pool.wanted, memory_order_relaxed);
  if (n == 0) {
    int unset = 0;
    atomic_compare_exchange_strong(&pool.wanted, &unset, default_count());
    n = atomic_load_explicit(&pool.wanted, memory_order_relaxed);
  }
  return n;
}

void maas_set_thread_count(int count) {
  atomic_store(&pool.wanted, count < 1 ? 1 : count > MOST ? MOST : count);
}

/// A share of the parts in one word: the epoch, where it ends, how many of it are left. A late worker's epoch never matches.
static inline uint64_t share_of(uint64_t epoch, size_t end, size_t left) { return epoch << 16 | end << 8 | left; }

/// Takes the next part of a share; -1 where there is none.
static int claim(size_t share, uint64_t epoch) {
  uint_fast64_t now = atomic_load_explicit(&pool.share[share].left, memory_order_relaxed);
  while (now >> 16 == (epoch & (UINT64_MAX >> 16)) && (now & 255)) {
    if (atomic_compare_exchange_weak_explicit(&pool.share[share].left, &now, now - 1, memory_order_acquire,
                                              memory_order_relaxed))
      return (int)((now >> 8 & 255) - (now & 255));
  }
  return -1;
}

/// Runs parts as long as there are any, those of one's own share first.
static void run_parts(size_t own, uint64_t epoch) {
  size_t done = 0;
  const size_t shares = atomic_load_explicit(&pool.shares, memory_order_relaxed);
  for (size_t i = 0; i < shares; i++) {
    for (int part; (part = claim((own + i) % shares, epoch)) >= 0; done++) {
      maas_leave(pool.mode);
      watched = pool.watched;
      pool.body(pool.context, (size_t)part);
    }
  }
  if (done) atomic_fetch_add_explicit(&pool.finished, done, memory_order_release);
}

/// Waits for an epoch other than `seen`: half a millisecond awake, then asleep.
static uint64_t next_epoch(uint64_t seen) {
  uint64_t start = 0;
  for (unsigned turn = 1;; turn++) {
    uint64_t now = atomic_load_explicit(&pool.epoch, memory_order_acquire);
    if (now != seen) return now;
    relax();
    if (turn % 64) continue;
    uint64_t time = nanoseconds();
    if (start == 0) start = time;
    if (time - start > 500000) break;
  }
  pthread_mutex_lock(&pool.mutex);
  atomic_fetch_add(&pool.sleepers, 1);
  while (atomic_load(&pool.epoch) == seen) pthread_cond_wait(&pool.wake, &pool.mutex);
  atomic_fetch_sub(&pool.sleepers, 1);
  pthread_mutex_unlock(&pool.mutex);
  return atomic_load_explicit(&pool.epoch, memory_order_acquire);
}

static void *work(void *argument) {
  size_t own = (size_t)(uintptr_t)argument;
  uint64_t seen = 0;
  inside = 1;
  for (;;) {
    seen = next_epoch(seen);
    run_parts(own, seen);
  }
  return NULL;
}

/// Starts workers up to `count - 1`; the owner alone calls it.
static void start_workers(int count) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // interrupts belong to the program's own threads
  while (pool.started < count - 1) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, (void *)(uintptr_t)(pool.started + 1))) break;
    pthread_detach(thread);
    pool.started++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void maas_parallel(size_t parts, void (*body)(void *, size_t), void *context) {
  if (parts > MOST) parts = MOST;
  int unowned = 0;
  if (parts <= 1 || inside || !atomic_compare_exchange_strong(&pool.owned, &unowned, 1)) {
    for (size_t p = 0; p < parts; p++) body(context, p);
    return;
  }
  inside = 1;
  const size_t threads = (size_t)maas_thread_count(), shares = parts < threads ? parts : threads;
  if (pool.started < (int)shares - 1) start_workers((int)shares);
  pool.body = body;
  pool.context = context;
  pool.watched = watched;
  pool.mode = maas_current_mode();
  atomic_store_explicit(&pool.finished, 0, memory_order_relaxed);
  atomic_store_explicit(&pool.shares, shares, memory_order_relaxed);
  const uint64_t epoch = atomic_load_explicit(&pool.epoch, memory_order_relaxed) + 1;
  for (size_t s = 0; s < shares; s++) {
    const size_t start = s * parts / shares, end = (s + 1) * parts / shares;
    atomic_store_explicit(&pool.share[s].left, share_of(epoch, end, end - start), memory_order_release);
  }
  atomic_store(&pool.epoch, epoch);
  if (atomic_load(&pool.sleepers) > 0) {
    pthread_mutex_lock(&pool.mutex);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.mutex);
  }
  run_parts(0, epoch);  // a worker that sleeps is not waited for
  for (unsigned turn = 1; atomic_load_explicit(&pool.finished, memory_order_acquire) < parts; turn++) {
    relax();
    if (turn % 4096 == 0) sched_yield();
  }
  inside = 0;
  atomic_store_explicit(&pool.owned, 0, memory_order_release);
}

size_t maas_parts(size_t work, size_t grain) {
  if (work < 2 * grain) return 1;
  size_t parts = work / grain, threads = (size_t)maas_thread_count();
  return parts < threads ? parts : threads;
}

size_t maas_pieces(size_t work, size_t grain) {
  const size_t parts = maas_parts(work, grain);
  if (parts == 1 || parts < (size_t)maas_thread_count()) return parts;
  size_t each = work / grain / parts;
  while (each > 1 && (each > 4 || each * parts > MOST)) each--;
  return parts * (each < 1 ? 1 : each);
}
