// What systemd is told of this process when it asks for that (Type=notify): that it is ready, that it stops,
// and, as often as it wants, that it lives. One datagram each, which is all that libsystemd would do. Without
// systemd nothing happens.
#ifndef LIB_SERVICE_SUPERVISOR_H
#define LIB_SERVICE_SUPERVISOR_H

#include <stdint.h>

void supervisor_tell(const char *state); // "READY=1"; does not block
// How often "WATCHDOG=1" has to be told, which is twice in the time that systemd waits; 0: it is not waited
// for.
int64_t supervisor_pause_ms(void);

#endif
