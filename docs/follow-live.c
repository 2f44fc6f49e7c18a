// Follows streams of an event, a room or oneself without loss: follow-live URL TOPIC[,TOPIC...], with a token
// in $CONSE_TOKEN.
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONGEST = 1 << 20 };

static char line[LONGEST], data[LONGEST], event[32], id[4200]; // of the message that comes just now
static char seen[4200];                                        // of the newest one handled
static size_t length;
static long retry_ms = 3000;

static void take_message(void) // after a broken connection the last one may come again
{
    if (*data && (strcmp(event, "entry") != 0 || strcmp(id, seen) != 0)) printf("%s %s\n", event, data);
    if (*id) memcpy(seen, id, sizeof seen);
    *event = *data = *id = 0;
}
static void take_line(void)
{
    line[length] = 0;
    if (!*line) take_message();
    if (strncmp(line, "event: ", 7) == 0) strncat(event, line + 7, sizeof event - 1 - strlen(event));
    if (strncmp(line, "data: ", 6) == 0) memcpy(data, line + 6, length - 5);
    if (strncmp(line, "id: ", 4) == 0) strncat(id, line + 4, sizeof id - 1 - strlen(id));
    if (strncmp(line, "retry: ", 7) == 0) retry_ms = strtol(line + 7, NULL, 10);
    length = 0;
}
static size_t take_bytes(char *bytes, size_t size, size_t count, void *unused)
{
    (void)unused;
    for (size_t i = 0; i < size * count; i++) {
        if (bytes[i] == '\n')
            take_line();
        else if (length < LONGEST - 1)
            line[length++] = bytes[i];
        else
            return 0; // longer than any message: comes again
    }
    return size * count;
}
static bool follow(CURL *curl, const char *token) // until the connection ends; false: not to be opened again
{
    char header[4300];
    long status = 0;
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: text/event-stream");
    snprintf(header, sizeof header, "Authorization: Bearer %s", token ? token : "");
    if (token) headers = curl_slist_append(headers, header);
    snprintf(header, sizeof header, "Last-Event-ID: %s", seen);
    if (*seen) headers = curl_slist_append(headers, header);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    length = 0, *event = *data = *id = 0; // half a message is none
    curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    return status < 400 || status == 429 || status >= 500;
}
int main(int argc, char **argv)
{
    CURL *curl = curl_easy_init();
    char url[4096];
    if (argc != 3 || !curl) return 2;
    snprintf(url, sizeof url, "%s/stream?topics=%s", argv[1], argv[2]);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 40L); // a head comes every 15 s
    setlinebuf(stdout);
    while (follow(curl, getenv("CONSE_TOKEN")))
        nanosleep(&(struct timespec){retry_ms / 1000, retry_ms % 1000 * 1000000}, NULL);
    fprintf(stderr, "it may not be followed: is the token over?\n");
    return 1;
}
