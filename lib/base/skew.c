#include "lib/base/skew.h"

#include <stdatomic.h>

#include "lib/base/clock.h"

static _Atomic int64_t offset, certain; // ms; what of the offset is beyond doubt, towards zero
static _Atomic int64_t noted_ms = -1;   // monotonic

void skew_note(int64_t offset_ms, int64_t uncertain_ms)
{
    int64_t size_ms = offset_ms < 0 ? -offset_ms : offset_ms;
    atomic_store(&offset, offset_ms);
    atomic_store(&certain, size_ms > uncertain_ms ? size_ms - uncertain_ms : 0);
    atomic_store(&noted_ms, clock_mono_ms());
}

void skew_forget(void) { atomic_store(&noted_ms, -1); }

static bool is_fresh(void)
{
    int64_t at_ms = atomic_load(&noted_ms);
    return at_ms >= 0 && clock_mono_ms() - at_ms <= SKEW_FRESH_MS;
}

int64_t skew_offset_ms(void) { return is_fresh() ? atomic_load(&offset) : 0; }

bool skew_is_off(void) { return is_fresh() && atomic_load(&certain) > SKEW_MOST_MS; }
