#define _GNU_SOURCE
#include "WindowSignals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

// A pipe and not a flag: the kernel may deliver the signal to another thread than the one that waits for a key.
static int noted[2] = {-1, -1};

static void note(int signal) {
  int before = errno;
  char byte = signal == SIGCONT ? 'c' : 'w';
  ssize_t ignored = write(noted[1], &byte, 1);
  (void)ignored;
  errno = before;
}

bool cedit_watch_window(void) {
  if (noted[0] >= 0) return true;
  if (pipe2(noted, O_CLOEXEC | O_NONBLOCK) != 0) return false;
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  return sigaction(SIGWINCH, &action, NULL) == 0 && sigaction(SIGCONT, &action, NULL) == 0;
}

int cedit_window_descriptor(void) { return noted[0]; }

void cedit_take_window_changes(bool *resized, bool *resumed) {
  char bytes[64];
  ssize_t count;
  *resized = *resumed = false;
  while (noted[0] >= 0 && (count = read(noted[0], bytes, sizeof bytes)) > 0) {
    for (ssize_t i = 0; i < count; i++) *(bytes[i] == 'c' ? resumed : resized) = true;
  }
}
