#include "lib/net/mhd_refusal.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { DRAIN_BYTES = 64 * 1024 };

typedef enum MHD_Result queue_function(struct MHD_Connection *connection, unsigned status,
                                       struct MHD_Response *response);

static _Thread_local struct {
    mhd_refuser *refuser;
    void *arg;
} here;

void mhd_refuse_by(mhd_refuser *refuser, void *arg)
{
    here.refuser = refuser;
    here.arg = arg;
}

static queue_function *queue_of_library(void)
{
    static queue_function *known;
    queue_function *function = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (function) return function;
    *(void **)&function = dlsym(RTLD_NEXT, "MHD_queue_response");
    if (!function) abort();
    __atomic_store_n(&known, function, __ATOMIC_RELAXED);
    return function;
}

enum MHD_Result mhd_queue_answer(struct MHD_Connection *connection, unsigned status,
                                 struct MHD_Response *response)
{
    return queue_of_library()(connection, status, response);
}

static int socket_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

void mhd_refusal_end(struct MHD_Connection *connection) { shutdown(socket_of(connection), SHUT_WR); }

// Reads what the client is still sending, as far as it is here: otherwise closing the socket would destroy
// the reply.
static void mhd_refusal_drain(int fd)
{
    char dropped[4096];
    for (size_t left = DRAIN_BYTES; left >= sizeof dropped; left -= sizeof dropped)
        if (recv(fd, dropped, sizeof dropped, MSG_DONTWAIT) <= 0) return;
}

static void refuse_plainly(struct MHD_Connection *connection, unsigned status)
{
    char reply[256];
    const char *phrase = MHD_get_reason_phrase_for(status);
    int len = snprintf(reply, sizeof reply,
                       "HTTP/1.1 %u %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n"
                       "Cache-Control: no-store\r\nConnection: close\r\n\r\n%s\n",
                       status, phrase, strlen(phrase) + 1, phrase);
    int fd = socket_of(connection);
    send(fd, reply, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
    mhd_refusal_drain(fd);
}

// The library calls this by its name; an application that links this module has it in the library's place.
enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned status,
                                   struct MHD_Response *response)
{
    if (here.refuser)
        here.refuser(here.arg, connection, status);
    else
        refuse_plainly(connection, status);
    mhd_refusal_end(connection);
    return mhd_queue_answer(connection, status, response);
}
