#include "lib/net/outside_url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "lib/net/public_address.h"

enum { LABEL_MOST = 63 };

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~' || strchr("\\#\"<>^`{|}", *text)) return false;
    return true;
}

// ---- The host

static bool take_v4(struct outside_url *url)
{
    struct sockaddr_in *four = (struct sockaddr_in *)&url->address;
    four->sin_family = AF_INET;
    return url->literal = inet_pton(AF_INET, url->host, &four->sin_addr) == 1;
}

static bool take_v6(struct outside_url *url)
{
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&url->address;
    six->sin6_family = AF_INET6;
    return url->literal = inet_pton(AF_INET6, url->host, &six->sin6_addr) == 1;
}

// Whether clients take the host for an IPv4 address, in whatever form: its last label is a number.
static bool ends_in_number(const char *host)
{
    const char *dot = strrchr(host, '.'), *last = dot ? dot + 1 : host;
    if (last[0] == '0' && last[1] == 'x') return true;
    return *last && !last[strspn(last, "0123456789")];
}

static bool is_label(const char *label, size_t len)
{
    if (!len || len > LABEL_MOST || label[0] == '-' || label[len - 1] == '-') return false;
    for (size_t i = 0; i < len; i++)
        if (!islower((unsigned char)label[i]) && !isdigit((unsigned char)label[i]) && label[i] != '-')
            return false;
    return true;
}

static bool is_name(const char *host)
{
    for (;; host++) {
        size_t len = strcspn(host, ".");
        if (!is_label(host, len)) return false;
        host += len;
        if (!*host) return true;
    }
}

static const char *judge_host(struct outside_url *url, bool bracketed, bool loopback)
{
    if (bracketed ? !take_v6(url) : ends_in_number(url->host) && !take_v4(url))
        return "has an address that is not in its usual form";
    if (url->literal) {
        const struct sockaddr *address = (const struct sockaddr *)&url->address;
        bool may = address_is_public(address) || (loopback && address_is_loopback(address));
        return may ? NULL : "leads to an address that is not public";
    }
    if (!is_name(url->host)) return "has no valid host";
    return strchr(url->host, '.') || loopback ? NULL : "names a host without a domain";
}

static bool copy_host(struct outside_url *url, const char *host, size_t len)
{
    if (!len || len >= sizeof url->host) return false;
    for (size_t i = 0; i < len; i++) url->host[i] = (char)tolower((unsigned char)host[i]);
    url->host[len] = 0;
    return true;
}

// ---- The whole

static bool parse_port(struct outside_url *url, const char *port, size_t len)
{
    uint32_t number = 0;
    if (!len || len > 5 || port[0] == '0') return false;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)port[i])) return false;
        number = number * 10 + (uint32_t)(port[i] - '0');
    }
    url->port = (uint16_t)number;
    return number <= UINT16_MAX;
}

static const char *parse_authority(struct outside_url *url, const char *text, size_t len, bool loopback)
{
    const char *end = text + len, *host = text, *behind;
    bool bracketed = len && *text == '[';
    if (memchr(text, '@', len)) return "must not name a user";
    if (bracketed) host++;
    behind = memchr(host, bracketed ? ']' : ':', (size_t)(end - host));
    if (bracketed && !behind) return "has no valid host";
    if (!behind) behind = end;
    if (!copy_host(url, host, (size_t)(behind - host))) return "has no valid host";
    behind += bracketed;
    url->port = url->tls ? 443 : 80;
    if (behind < end && (*behind != ':' || !parse_port(url, behind + 1, (size_t)(end - behind - 1))))
        return "has no valid port";
    return judge_host(url, bracketed, loopback);
}

const char *outside_url_parse(struct outside_url *url, const char *text, bool loopback)
{
    static const char secure[] = "https://", open[] = "http://";
    *url = (struct outside_url){.tls = strncmp(text, secure, sizeof secure - 1) == 0};
    bool plain = loopback && strncmp(text, open, sizeof open - 1) == 0;
    if (!is_plain(text)) return "has letters or signs that no URL has";
    if (strlen(text) > OUTSIDE_URL_MOST) return "is too long";
    if (!url->tls && !plain) return "must begin with https://";
    const char *authority = text + (url->tls ? sizeof secure : sizeof open) - 1;
    const char *fault = parse_authority(url, authority, strcspn(authority, "/?"), loopback);
    if (fault) return fault;
    return loopback || url->port == 443 || url->port == 8443 ? NULL : "must be on port 443 or 8443";
}

const char *outside_domain(const char *host)
{
    const char *at = host + strlen(host);
    for (int dots = 0; at > host; at--)
        if (at[-1] == '.' && ++dots == 2) break;
    return at;
}
