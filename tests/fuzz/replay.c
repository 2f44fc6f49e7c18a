// Runs a fuzzer's inputs without its instrumentation: its seeds as they are, then so many changes of them, by
// a generator that is the same each time.
//   replay RUNS [FOLDER OF SEEDS]
// What it dies of is written to standard error, in hex.
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 4096, SEEDS = 256, CHANGES = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct input {
    uint8_t bytes[MOST];
    size_t size;
};

static struct input seeds[SEEDS], current;
static size_t seeds_count;
static uint64_t noise = 0x9e3779b97f4a7c15;

// xorshift64
static size_t below(size_t most)
{
    noise ^= noise << 13;
    noise ^= noise >> 7;
    noise ^= noise << 17;
    return (size_t)(noise % most);
}

static void on_death(int signal)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < current.size; i++) {
        const char two[] = {digits[current.bytes[i] >> 4], digits[current.bytes[i] & 15]};
        if (write(STDERR_FILENO, two, sizeof two) < 0) break;
    }
    _exit(128 + signal);
}

static void read_seed(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    if (!file) return perror(path), exit(1);
    seeds[seeds_count].size = fread(seeds[seeds_count].bytes, 1, MOST, file);
    seeds_count++;
    fclose(file);
}

static void read_seeds(const char *folder)
{
    struct dirent **names;
    int count = scandir(folder, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.' && seeds_count < SEEDS) read_seed(folder, names[i]->d_name);
        free(names[i]);
    }
    if (count >= 0) free(names);
}

static void put(size_t at, const uint8_t *bytes, size_t len)
{
    if (current.size + len > MOST) return;
    memmove(current.bytes + at + len, current.bytes + at, current.size - at);
    memmove(current.bytes + at, bytes, len);
    current.size += len;
}

static void cut(size_t at, size_t len)
{
    if (len > current.size - at) len = current.size - at;
    memmove(current.bytes + at, current.bytes + at + len, current.size - at - len);
    current.size -= len;
}

static void change(void)
{
    size_t at = below(current.size + 1), len = 1 + below(16);
    uint8_t byte = (uint8_t)below(256), copied[MOST];
    const struct input *other = &seeds[below(seeds_count)];
    switch (below(5)) {
    case 0:
        if (at < current.size) current.bytes[at] ^= (uint8_t)(1 << below(8));
        break;
    case 1:
        if (at < current.size) current.bytes[at] = byte;
        break;
    case 2:
        put(at, &byte, 1);
        break;
    case 3:
        cut(at, len);
        break;
    default: // a part of another one
        if (len > other->size) len = other->size;
        memcpy(copied, other->bytes + below(other->size - len + 1), len);
        put(at, copied, len);
    }
}

static void run(void)
{
    uint8_t *exact = malloc(current.size + !current.size); // a sanitizer sees what is read behind it
    if (!exact) abort();
    memcpy(exact, current.bytes, current.size);
    LLVMFuzzerTestOneInput(exact, current.size);
    free(exact);
}

int main(int count, char **words)
{
    static const int deaths[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
    size_t runs = count > 1 ? strtoul(words[1], NULL, 10) : 0;
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) signal(deaths[i], on_death);
    seeds_count = 1; // nothing
    if (count > 2) read_seeds(words[2]);
    for (size_t i = 0; i < seeds_count; i++) current = seeds[i], run();
    for (size_t i = 0; i < runs; i++) {
        current = seeds[below(seeds_count)];
        for (size_t changes = 1 + below(CHANGES); changes; changes--) change();
        run();
    }
    printf("%zu seeds, %zu changes\n", seeds_count - 1, runs);
    return 0;
}
