// Internet addresses in one form, IPv4 as ::ffff:a.b.c.d, and networks of them. Pure.
#ifndef GATEWAY_ADDRESS_ADDRESS_H
#define GATEWAY_ADDRESS_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ADDRESS_SIZE = INET6_ADDRSTRLEN };

struct address {
    unsigned char bytes[16];
};

struct network {
    struct address prefix;
    unsigned bits; // of all 128
};

struct address address_of(const struct sockaddr *address);
// "192.0.2.1", "2001:db8::1", "[2001:db8::1]"; the first and the last may be followed by ":port".
bool address_parse(const char *text, size_t len, struct address *address);
void address_print(const struct address *address, char out[ADDRESS_SIZE]); // IPv4 as IPv4
// The unit of a limit per address: an IPv4 address itself, the /64 of an IPv6 address, which one household
// has whole.
struct address address_household(const struct address *address);

// "192.0.2.1", "10.0.0.0/8", "fd00::/8"; bits behind the prefix are ignored.
bool network_parse(const char *text, size_t len, struct network *network);
// IPv4 is in networks of IPv4 only, so ::/0 does not contain it.
bool network_holds(const struct network *network, const struct address *address);

#endif
