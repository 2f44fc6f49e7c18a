// One line per event on stderr, logfmt or JSON, written whole. Every line has time, level, service and, while
// a thread works on a request, its trace id. Secrets and bodies are never fields.
#ifndef LIB_BASE_LOG_H
#define LIB_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_init(const char *service, enum log_level level, bool json);
bool log_enabled(enum log_level level);
// Sets or clears (NULL) this thread's trace id; the 32 hex digits are copied.
void log_trace(const char *trace_id);

struct log_field {
    const char *name; // NULL ends the list
    const char *text; // or NULL: the number counts
    int64_t number;
};

#define F_STR(name, value) ((struct log_field){name, value, 0})
#define F_INT(name, value) ((struct log_field){name, 0, (int64_t)(value)})
// log_info("listening", F_STR("address", address), F_INT("workers", 4));
#define log_at(level, event, ...)                                                                            \
    log_write(level, event, &(const struct log_field[]){{0}, ##__VA_ARGS__, {0}}[1])
#define log_debug(event, ...) log_at(LOG_DEBUG, event, ##__VA_ARGS__)
#define log_info(event, ...) log_at(LOG_INFO, event, ##__VA_ARGS__)
#define log_warn(event, ...) log_at(LOG_WARN, event, ##__VA_ARGS__)
#define log_error(event, ...) log_at(LOG_ERROR, event, ##__VA_ARGS__)
// An error once, with its reason and message.
void log_err(enum log_level level, const char *event, const struct err *err);

// After log_hold this thread keeps its lines and writes several at once: at log_flush, when there are many,
// and with each warning or error. A thread flushes before it waits; log_release ends it.
void log_hold(void);
void log_flush(void);
void log_release(void);

void log_write(enum log_level level, const char *event, const struct log_field *fields);

#endif
