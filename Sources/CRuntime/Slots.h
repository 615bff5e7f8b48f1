// What the machine's loop knows of slots: plain numbers and booleans, and how to move a reference.
#ifndef SLOTS_H
#define SLOTS_H
#include <stdbool.h>
#include <string.h>

#include "CRuntime.h"

static inline bool is_heap(const Slot *slot) { return slot->tag >= slot_heap; }
static inline bool is_number(const Slot *slot) { return slot->tag - slot_int <= slot_float - slot_int; }
static inline int64_t as_int(const Slot *slot) { return (int64_t)slot->bits; }
static inline double as_float(const Slot *slot) {
  double value;
  memcpy(&value, &slot->bits, sizeof value);
  return value;
}
static inline double as_double(const Slot *slot) {
  return slot->tag == slot_int ? (double)as_int(slot) : as_float(slot);
}

// These overwrite a slot that holds no reference.
static inline void put_int(Slot *slot, int64_t value) {
  slot->tag = slot_int;
  slot->bits = (uint64_t)value;
}
static inline void put_float(Slot *slot, double value) {
  slot->tag = slot_float;
  memcpy(&slot->bits, &value, sizeof value);
}
static inline void put_bool(Slot *slot, bool value) {
  slot->tag = slot_bool;
  slot->bits = value;
}

__attribute__((noinline, preserve_most)) static void retain(uint64_t object) {
  swift_nonatomic_retain((void *)object);
}
__attribute__((noinline, preserve_most)) static void release(uint64_t object) {
  swift_nonatomic_release((void *)object);
}

// Writes any slot, letting go of what was held.
static inline void put(Slot *slot, Slot value) {
  Slot old = *slot;
  *slot = value;
  if (old.tag >= slot_heap) release(old.bits);
}
static inline Slot copy(const Slot *slot) {
  if (is_heap(slot)) retain(slot->bits);
  return *slot;
}

// The first fields of the Swift classes Closure and Cell, behind the object's header.
static inline CodeHeader *header_of(uint64_t closure) { return *(CodeHeader **)(closure + 16); }
static inline Slot *captures_of(uint64_t closure) { return *(Slot **)(closure + 24); }
static inline Slot *content_of(uint64_t cell) { return *(Slot **)(cell + 16); }
#endif
