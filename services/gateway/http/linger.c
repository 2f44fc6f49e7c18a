#include "services/gateway/http/linger.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct lingering {
    struct lingers *all;
    struct lingering *next, **link;
    struct loop_source source;
    struct loop_timer timer;
    size_t left_bytes;
};

static void linger_stop(struct lingering *linger)
{
    loop_unwatch(linger->all->loop, &linger->source);
    loop_timer_clear(linger->all->loop, &linger->timer);
    close(linger->source.fd);
    *linger->link = linger->next;
    if (linger->next) linger->next->link = linger->link;
    linger->all->count--;
    free(linger);
}

static void on_readable(void *arg, uint32_t events)
{
    struct lingering *linger = arg;
    char dropped[16 * 1024];
    (void)events;
    ssize_t n = recv(linger->source.fd, dropped, sizeof dropped, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0 || (size_t)n >= linger->left_bytes) return linger_stop(linger);
    linger->left_bytes -= (size_t)n;
}

static void on_time(void *arg) { linger_stop(arg); }

void linger_take(struct lingers *lingers, int fd)
{
    struct err err;
    struct lingering *linger = lingers->count < LINGER_MOST ? calloc(1, sizeof *linger) : NULL;
    if (!linger) {
        close(fd);
        return;
    }
    *linger = (struct lingering){.all = lingers, .left_bytes = LINGER_BYTES};
    linger->source = (struct loop_source){fd, on_readable, linger};
    linger->timer = (struct loop_timer){.fire = on_time, .arg = linger};
    linger->next = lingers->first;
    linger->link = &lingers->first;
    if (linger->next) linger->next->link = &linger->next;
    lingers->first = linger;
    lingers->count++;
    loop_timer_set(lingers->loop, &linger->timer, loop_now_ms(lingers->loop) + LINGER_MS);
    if (!loop_watch(lingers->loop, &linger->source, EPOLLIN, &err)) linger_stop(linger);
}

void linger_finish(struct lingers *lingers)
{
    for (struct lingering *linger = lingers->first, *next; linger; linger = next) {
        next = linger->next;
        linger_stop(linger);
    }
}
