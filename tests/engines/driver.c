#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/ai/skill/forecast.h"

// Answers one line for each line of standard input, in decimal numbers that round-trip:
//   VERB MODEL BETA KAPPA TAU EPSILON LIMIT TEAMS { RANK SIZE WEIGHTS { MU SIGMA [WEIGHT] } }
// VERB: update win rank draw. MODEL: enum rating_model. WEIGHTS: 0 none, 1 as given, 2 scaled to 1..2.

enum { MOST_TEAMS = 64, MOST_PLAYERS = 512 };

struct request {
    struct rating_options options;
    struct rating_team teams[MOST_TEAMS];
    struct rating players[MOST_PLAYERS];
    double weights[MOST_PLAYERS];
    uint32_t count, used;
};

static void refuse(const char *what)
{
    fprintf(stderr, "driver: %s\n", what);
    exit(2);
}

static double number(void)
{
    const char *word = strtok(NULL, " \n");
    char *end;
    if (!word) refuse("a number is missing");
    double value = strtod(word, &end);
    if (*end) refuse("not a number");
    return value;
}

static void read_options(struct rating_options *options)
{
    *options = rating_defaults;
    options->model = (enum rating_model)number();
    options->beta = number();
    options->kappa = number();
    options->tau = number();
    options->epsilon = number();
    options->limit_sigma = number() != 0;
}

static void read_team(struct request *request, struct rating_team *team)
{
    double rank = number();
    uint32_t size = (uint32_t)number(), weighting = (uint32_t)number(), first = request->used;
    if (size > MOST_PLAYERS - first) refuse("too many players");
    for (uint32_t i = first; i < first + size; i++) {
        request->players[i].mu = number();
        request->players[i].sigma = number();
        request->weights[i] = weighting ? number() : 1;
    }
    if (weighting == 2) rating_scale_weights(&request->weights[first], size, 1, 2);
    *team = (struct rating_team){.players = &request->players[first], .size = size, .rank = rank};
    if (weighting) team->weights = &request->weights[first];
    request->used += size;
}

static void read_game(struct request *request)
{
    read_options(&request->options);
    request->used = 0;
    request->count = (uint32_t)number();
    if (request->count > MOST_TEAMS) refuse("too many teams");
    for (uint32_t i = 0; i < request->count; i++) read_team(request, &request->teams[i]);
}

static void update(struct request *request)
{
    if (!rating_update(&request->options, request->teams, request->count)) refuse("update refused");
    for (uint32_t i = 0; i < request->used; i++)
        printf("%.17g %.17g ", request->players[i].mu, request->players[i].sigma);
}

static void win(struct request *request)
{
    double chances[MOST_TEAMS];
    if (!forecast_win(&request->options, request->teams, request->count, chances)) refuse("win refused");
    for (uint32_t i = 0; i < request->count; i++) printf("%.17g ", chances[i]);
}

static void rank(struct request *request)
{
    double chances[MOST_TEAMS];
    uint32_t places[MOST_TEAMS];
    if (!forecast_rank(&request->options, request->teams, request->count, chances, places))
        refuse("rank refused");
    for (uint32_t i = 0; i < request->count; i++) printf("%u %.17g ", places[i], chances[i]);
}

static void draw(struct request *request)
{
    double chance;
    if (!forecast_draw(&request->options, request->teams, request->count, &chance)) refuse("draw refused");
    printf("%.17g", chance);
}

static const struct {
    const char *name;
    void (*answer)(struct request *request);
} verbs[] = {{"update", update}, {"win", win}, {"rank", rank}, {"draw", draw}};

static void answer(struct request *request, const char *verb)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verb, verbs[i].name) != 0) continue;
        read_game(request);
        verbs[i].answer(request);
        putchar('\n');
        return;
    }
    refuse("no such verb");
}

int main(void)
{
    static struct request request;
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        const char *verb = strtok(line, " \n");
        answer(&request, verb ? verb : "");
    }
    free(line);
    return 0;
}
