// What the servers of all loops have in common: certificate, bounds, the address they share.
#include "services/gateway/http/connection.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/base/clock.h"

static bool load_certificate(struct http_front *front, struct err *err)
{
    const struct http_options *options = &front->options;
    struct tls_identity *identity;
    if (!options->tls_cert) return true;
    if (!tls_identity_load(&identity, options->tls_cert, options->tls_key, err)) return false;
    metric_set(front->certificate_end, identity->ends_s);
    tls_store_replace(&front->tls, identity, clock_mono_ms());
    return true;
}

static void make_metrics(struct http_front *front)
{
    static const char *const labels[CUT_WHYS] = {
        [CUT_STALLED] = "why=\"stalled\"", [CUT_LEFT] = "why=\"left\"", [CUT_EVICTED] = "why=\"evicted\""};
    for (int i = 0; i < CUT_WHYS; i++)
        front->cuts[i] = metrics_counter(front->options.metrics, "conse_http_cut_total",
                                         "Connections ended for what they held.", labels[i]);
    if (front->options.tls_cert)
        front->certificate_end =
            metrics_gauge(front->options.metrics, "conse_tls_certificate_end_timestamp_seconds",
                          "When the certificate ends, since 1970.", "");
}

bool http_front_open(struct http_front **out, const struct http_options *options, struct err *err)
{
    struct http_front *front = calloc(1, sizeof *front);
    if (!front) return err_errno(err, errno, "http");
    front->options = *options;
    tls_store_init(&front->tls);
    make_metrics(front);
    bool ok = connection_limit_create(&front->connection_limit, options->max_connections,
                                      options->max_per_address, err) &&
              load_certificate(front, err);
    if (!ok) return http_front_close(front), false;
    *out = front;
    return true;
}

void http_front_close(struct http_front *front)
{
    if (!front) return;
    tls_store_finish(&front->tls);
    connection_limit_destroy(front->connection_limit);
    free(front);
}

const char *http_front_address(const struct http_front *front) { return front->address; }

bool http_front_tls(struct http_front *front) { return tls_store_newest(&front->tls) != NULL; }

bool http_front_reload(struct http_front *front, struct err *err) { return load_certificate(front, err); }

bool front_listen(struct http_front *front, int *fd, struct err *err)
{
    bool first = front->started == 0, alone = front->options.servers == 1;
    enum listen_mode mode = alone ? LISTEN_ALONE : first ? LISTEN_FIRST : LISTEN_FURTHER;
    const char *address = first ? front->options.listen : front->address;
    if (!listen_open(fd, address, mode, front->address, err)) return false;
    front->started++;
    return true;
}

int front_certificate(gnutls_session_t session, const gnutls_datum_t *names, int names_count,
                      const gnutls_pk_algorithm_t *algorithms, int algorithms_count, gnutls_pcert_st **chain,
                      unsigned *length, gnutls_privkey_t *key)
{
    struct connection *connection = connection_of(gnutls_session_get_ptr(session));
    (void)names, (void)names_count, (void)algorithms, (void)algorithms_count;
    if (!connection) return -1;
    const struct tls_identity *identity = tls_store_newest(&connection->server->front->tls);
    *chain = identity->chain;
    *length = identity->length;
    *key = identity->key;
    return 0;
}
