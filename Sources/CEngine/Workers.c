// A pool of threads that spin briefly and then sleep. Which thread takes a part never changes what is computed:
// the parts are fixed by the caller.
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
  size_t parts;
  maas_float_mode mode;
  const int *watched;
  _Alignas(64) atomic_uint_fast64_t epoch;
  // claims[p] is 2·epoch while part p is free and 2·epoch+1 once taken; a late worker's epoch never matches.
  _Alignas(64) atomic_uint_fast64_t claims[MOST];
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

static int claim(size_t part, uint64_t epoch) {
  uint_fast64_t free = epoch * 2;
  return atomic_load_explicit(&pool.claims[part], memory_order_relaxed) == free
         && atomic_compare_exchange_strong_explicit(&pool.claims[part], &free, epoch * 2 + 1, memory_order_acquire,
                                                    memory_order_relaxed);
}

static void run_part(size_t part) {
  maas_leave(pool.mode);
  watched = pool.watched;
  pool.body(pool.context, part);
  atomic_fetch_add_explicit(&pool.finished, 1, memory_order_release);
}

/// Waits for an epoch other than `seen`: 100 µs awake, then asleep.
static uint64_t next_epoch(uint64_t seen) {
  uint64_t start = 0;
  for (unsigned turn = 1;; turn++) {
    uint64_t now = atomic_load_explicit(&pool.epoch, memory_order_acquire);
    if (now != seen) return now;
    relax();
    if (turn % 64) continue;
    uint64_t time = nanoseconds();
    if (start == 0) start = time;
    if (time - start > 100000) break;
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
    // One's own part first: the same thread then meets the same slice of memory in operation after operation.
    for (size_t i = 0; i < MOST; i++) {
      size_t part = (own + i) % MOST;
      if (part && claim(part, seen)) run_part(part);
    }
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
  if (pool.started < (int)parts - 1) start_workers((int)parts);
  pool.body = body;
  pool.context = context;
  pool.watched = watched;
  pool.parts = parts;
  pool.mode = maas_current_mode();
  atomic_store_explicit(&pool.finished, 0, memory_order_relaxed);
  uint64_t epoch = atomic_load_explicit(&pool.epoch, memory_order_relaxed) + 1;
  for (size_t p = 1; p < parts; p++) atomic_store_explicit(&pool.claims[p], epoch * 2, memory_order_release);
  atomic_store(&pool.epoch, epoch);
  if (atomic_load(&pool.sleepers) > 0) {
    pthread_mutex_lock(&pool.mutex);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.mutex);
  }
  body(context, 0);
  for (size_t p = 1; p < parts; p++)
    if (claim(p, epoch)) run_part(p);  // a worker that sleeps is not waited for
  for (unsigned turn = 1; atomic_load_explicit(&pool.finished, memory_order_acquire) < parts - 1; turn++) {
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
