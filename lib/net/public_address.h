// Which addresses lie outside: those that the whole internet reaches, and no special ones. Pure.
#ifndef LIB_NET_PUBLIC_ADDRESS_H
#define LIB_NET_PUBLIC_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

// False for private, loopback, link-local, shared, multicast and reserved ones, those of clouds' metadata,
// and every IPv6 address that stands for an IPv4 one; also for what is no IP address.
bool address_is_public(const struct sockaddr *address);
bool address_is_loopback(const struct sockaddr *address); // 127.0.0.0/8, ::1

#endif
