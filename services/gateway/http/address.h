// Internet addresses in one form, IPv4 as ::ffff:a.b.c.d, and networks of them. Pure.
#ifndef GATEWAY_HTTP_ADDRESS_H
#define GATEWAY_HTTP_ADDRESS_H

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
// "192.0.2.1", "2001:db8::1", "[2001:db8::1]", each but the second with ":port" behind it if need be.
bool address_parse(const char *text, size_t len, struct address *address);
void address_print(const struct address *address, char out[ADDRESS_SIZE]); // IPv4 as IPv4
// Whom a limit per address counts: IPv4 as it is, of IPv6 the /64, which one household has whole.
struct address address_household(const struct address *address);

// "192.0.2.1", "10.0.0.0/8", "fd00::/8"; bits behind the prefix do not count.
bool network_parse(const char *text, size_t len, struct network *network);
// IPv4 is in networks of IPv4 only, so ::/0 does not hold it.
bool network_holds(const struct network *network, const struct address *address);

#endif
