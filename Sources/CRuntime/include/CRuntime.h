#pragma once

// Reference counts without atomic instructions.
//
// The values of a session belong to its thread alone; on a call of a small function, atomic counting would be a third
// of the time. Swift has the entry points but no name for them.

void *swift_nonatomic_retain(void *object);
void swift_nonatomic_release(void *object);

static inline void retain_unshared(const void *object) { swift_nonatomic_retain((void *)object); }
static inline void release_unshared(const void *object) { swift_nonatomic_release((void *)object); }
