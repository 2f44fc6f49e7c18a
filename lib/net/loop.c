#include "lib/net/loop.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/pulse.h"

enum { EVENTS_PER_TURN = 64, LONGEST_WAIT_MS = 60 * 1000 };

struct loop {
    struct loop_options options;
    int epoll_fd;
    struct loop_source wake;
    struct loop_timer **heap; // from index 1, the earliest first
    size_t timers, room;
    int64_t now_ms;
    bool again;
    atomic_bool stopped;
    struct pulse pulse;
    struct epoll_event events[EVENTS_PER_TURN]; // of this turn; unwatch strikes out what is still to come
    int ready;
};

static void on_wake(void *arg, uint32_t events)
{
    struct loop *loop = arg;
    uint64_t count;
    (void)events;
    if (read(loop->wake.fd, &count, sizeof count) < 0) return;
    if (loop->options.awake) loop->options.awake(loop->options.arg);
}

bool loop_create(struct loop **out, const struct loop_options *options, struct err *err)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop) return err_errno(err, errno, "loop");
    loop->options = *options;
    loop->now_ms = clock_mono_ms();
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = (struct loop_source){eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), on_wake, loop};
    if (loop->epoll_fd < 0 || loop->wake.fd < 0) {
        err_errno(err, errno, "epoll");
        return loop_destroy(loop), false;
    }
    if (!loop_watch(loop, &loop->wake, EPOLLIN, err)) return loop_destroy(loop), false;
    *out = loop;
    return true;
}

void loop_destroy(struct loop *loop)
{
    if (!loop) return;
    if (loop->epoll_fd >= 0) close(loop->epoll_fd);
    if (loop->wake.fd >= 0) close(loop->wake.fd);
    free(loop->heap);
    free(loop);
}

bool loop_watch(struct loop *loop, struct loop_source *source, uint32_t events, struct err *err)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) == 0 ||
           err_errno(err, errno, "epoll_ctl");
}

void loop_unwatch(struct loop *loop, struct loop_source *source)
{
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
    for (int i = 0; i < loop->ready; i++)
        if (loop->events[i].data.ptr == source) loop->events[i].data.ptr = NULL;
}

// ---- Timers

static void heap_put(struct loop *loop, size_t place, struct loop_timer *timer)
{
    loop->heap[place] = timer;
    timer->place = place;
}

static void heap_up(struct loop *loop, size_t place)
{
    struct loop_timer *timer = loop->heap[place];
    for (; place > 1 && loop->heap[place / 2]->at_ms > timer->at_ms; place /= 2)
        heap_put(loop, place, loop->heap[place / 2]);
    heap_put(loop, place, timer);
}

static void heap_down(struct loop *loop, size_t place)
{
    struct loop_timer *timer = loop->heap[place];
    for (size_t child; (child = place * 2) <= loop->timers; place = child) {
        if (child < loop->timers && loop->heap[child + 1]->at_ms < loop->heap[child]->at_ms) child++;
        if (loop->heap[child]->at_ms >= timer->at_ms) break;
        heap_put(loop, place, loop->heap[child]);
    }
    heap_put(loop, place, timer);
}

static void heap_grow(struct loop *loop)
{
    if (loop->timers + 1 < loop->room) return;
    loop->room = loop->room ? loop->room * 2 : 64;
    loop->heap = realloc(loop->heap, loop->room * sizeof(struct loop_timer *));
    if (!loop->heap) abort();
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t at_ms)
{
    loop_timer_clear(loop, timer);
    heap_grow(loop);
    timer->at_ms = at_ms;
    heap_put(loop, ++loop->timers, timer);
    heap_up(loop, timer->place);
}

void loop_timer_clear(struct loop *loop, struct loop_timer *timer)
{
    size_t place = timer->place;
    if (place == 0) return;
    timer->place = 0;
    struct loop_timer *last = loop->heap[loop->timers--];
    if (last == timer) return;
    heap_put(loop, place, last);
    heap_up(loop, place);
    heap_down(loop, last->place);
}

static void fire_timers(struct loop *loop)
{
    while (loop->timers > 0 && loop->heap[1]->at_ms <= loop->now_ms) {
        struct loop_timer *timer = loop->heap[1];
        loop_timer_clear(loop, timer);
        timer->fire(timer->arg);
    }
}

static int wait_ms(const struct loop *loop)
{
    if (loop->again) return 0;
    if (loop->timers == 0) return LONGEST_WAIT_MS;
    int64_t left = loop->heap[1]->at_ms - clock_mono_ms();
    return left < 0 ? 0 : left > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : (int)left;
}

// ---- Turns

void loop_turn(struct loop *loop)
{
    int wait = wait_ms(loop);
    loop->again = false;
    pulse_rest(&loop->pulse);
    loop->ready = epoll_wait(loop->epoll_fd, loop->events, EVENTS_PER_TURN, wait);
    loop->now_ms = clock_mono_ms();
    pulse_work(&loop->pulse, loop->now_ms);
    for (int i = 0; i < loop->ready; i++) {
        struct loop_source *source = loop->events[i].data.ptr;
        if (source) source->ready(source->arg, loop->events[i].events);
    }
    loop->ready = 0;
    fire_timers(loop);
    loop->options.turn(loop->options.arg);
}

int64_t loop_now_ms(const struct loop *loop) { return loop->now_ms; }

void loop_again(struct loop *loop) { loop->again = true; }

void loop_wake(struct loop *loop)
{
    uint64_t one = 1;
    ssize_t written = write(loop->wake.fd, &one, sizeof one);
    (void)written; // a full counter wakes as well
}

void loop_run(struct loop *loop)
{
    pulse_join(&loop->pulse, "loop");
    while (!atomic_load_explicit(&loop->stopped, memory_order_relaxed)) loop_turn(loop);
    pulse_leave(&loop->pulse);
}

void loop_stop(struct loop *loop)
{
    atomic_store(&loop->stopped, true);
    loop_wake(loop);
}
