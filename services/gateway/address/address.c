#include "services/gateway/address/address.h"

#include <arpa/inet.h>
#include <string.h>

enum { MAPPED_BITS = 96, HOUSEHOLD_BITS = 64, MOST_TEXT = 64 };

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_v4(const struct address *address)
{
    return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

static struct address from_v4(const void *bytes)
{
    struct address address;
    memcpy(address.bytes, mapped, sizeof mapped);
    memcpy(address.bytes + sizeof mapped, bytes, 4);
    return address;
}

struct address address_of(const struct sockaddr *from)
{
    struct address address;
    if (from->sa_family != AF_INET6) return from_v4(&((const struct sockaddr_in *)from)->sin_addr);
    memcpy(address.bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, sizeof address.bytes);
    return address;
}

static bool parse_v4(const char *text, struct address *address)
{
    unsigned char bytes[4];
    if (inet_pton(AF_INET, text, bytes) != 1) return false;
    *address = from_v4(bytes);
    return true;
}

static bool parse_v6(const char *text, struct address *address)
{
    return inet_pton(AF_INET6, text, address->bytes) == 1;
}

// A decimal number of at most `most`, without sign, blanks or leading zeros.
static bool parse_number(const char *text, unsigned most, unsigned *value)
{
    *value = 0;
    if (!*text || (text[0] == '0' && text[1])) return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        *value = *value * 10 + (unsigned)(*text - '0');
        if (*value > most) return false;
    }
    return true;
}

static bool address_copy(const char *text, size_t len, char out[MOST_TEXT])
{
    if (len >= MOST_TEXT || memchr(text, 0, len)) return false;
    memcpy(out, text, len);
    out[len] = 0;
    return true;
}

static bool is_port(const char *text)
{
    unsigned port;
    return parse_number(text, 65535, &port) && port > 0;
}

static bool parse_bracketed(char *text, struct address *address)
{
    char *end = strchr(text, ']');
    if (!end || (end[1] && (end[1] != ':' || !is_port(end + 2)))) return false;
    *end = 0;
    return parse_v6(text + 1, address);
}

bool address_parse(const char *text, size_t len, struct address *address)
{
    char one[MOST_TEXT];
    if (!address_copy(text, len, one)) return false;
    if (*one == '[') return parse_bracketed(one, address);
    char *colon = strchr(one, ':');
    if (!colon) return parse_v4(one, address);
    if (strchr(colon + 1, ':')) return parse_v6(one, address);
    *colon = 0;
    return is_port(colon + 1) && parse_v4(one, address);
}

void address_print(const struct address *address, char out[ADDRESS_SIZE])
{
    bool four = is_v4(address);
    if (!inet_ntop(four ? AF_INET : AF_INET6, address->bytes + (four ? sizeof mapped : 0), out, ADDRESS_SIZE))
        strcpy(out, "?");
}

static struct address first_bits(const struct address *address, unsigned bits)
{
    struct address cut = {{0}};
    memcpy(cut.bytes, address->bytes, bits / 8);
    if (bits % 8) cut.bytes[bits / 8] = address->bytes[bits / 8] & (unsigned char)(0xff00 >> bits % 8);
    return cut;
}

struct address address_household(const struct address *address)
{
    return is_v4(address) ? *address : first_bits(address, HOUSEHOLD_BITS);
}

bool network_parse(const char *text, size_t len, struct network *network)
{
    char one[MOST_TEXT];
    if (!address_copy(text, len, one)) return false;
    char *slash = strchr(one, '/');
    unsigned bits, spare;
    if (slash) *slash = 0;
    if (parse_v4(one, &network->prefix))
        spare = MAPPED_BITS;
    else if (parse_v6(one, &network->prefix))
        spare = 0;
    else
        return false;
    bits = 128 - spare;
    if (slash && !parse_number(slash + 1, 128 - spare, &bits)) return false;
    network->bits = spare + bits;
    network->prefix = first_bits(&network->prefix, network->bits);
    return true;
}

bool network_holds(const struct network *network, const struct address *address)
{
    struct address cut = first_bits(address, network->bits);
    bool four = network->bits >= MAPPED_BITS && is_v4(&network->prefix);
    return four == is_v4(address) && memcmp(cut.bytes, network->prefix.bytes, sizeof cut.bytes) == 0;
}
