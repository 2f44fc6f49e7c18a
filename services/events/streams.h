// The names of the streams that events writes.
#ifndef EVENTS_STREAMS_H
#define EVENTS_STREAMS_H

#define EVENTS_PREFIX "events."
enum { STREAM_LEN = 64 };
struct stream_name {
    char text[STREAM_LEN];
};
struct stream_name events_stream(const char *event_id); // of the event's entries
struct stream_name users_stream(const char *user_id);
#define REDACTIONS_STREAM "redactions" // chat.Redaction

#endif
