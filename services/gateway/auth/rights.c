#include "services/gateway/auth/rights.h"

#include "lib/schema/passport.h"

// While revocations cannot be heard, a level that was taken away might still be used, so powerful routes
// close.
static bool refuse_unheard(struct err *err)
{
    err_fail(err, SERVICE_AWAY, "revocations cannot be read now");
    err->retry_after_s = 1;
    return false;
}

static bool check_feed(const struct schema_method *method, const struct auth_feed *feed, struct err *err)
{
    if (!method->fresh_feed || auth_feed_fresh(feed)) return true;
    return refuse_unheard(err);
}

static bool check_read_only(const struct caller *caller, const struct schema_method *method, struct err *err)
{
    return !caller->claims.read_only || schema_reads(method) ||
           err_fail(err, READ_ONLY, "the token's API key may only read");
}

bool rights_may_tunnel(const struct caller *caller, const struct auth_feed *feed, struct err *err)
{
    if (!caller->known) return err_fail(err, TOKEN_INVALID, "an access token is needed");
    if (!passport_reaches(CONSE__METHOD__LEVEL__DEV, caller->claims.level))
        return err_fail(err, LEVEL_TOO_LOW, "this needs level dev");
    if (*caller->claims.key_id) return err_fail(err, KEY_REFUSED, "an API key may not do this; log in");
    return auth_feed_fresh(feed) || refuse_unheard(err);
}

bool rights_may(const struct caller *caller, const struct route *route, const struct auth_feed *feed,
                struct err *err)
{
    const struct schema_method *method = route->method;
    if (route->level == CONSE__METHOD__LEVEL__PUBLIC || !method) return true;
    if (!caller->known)
        return route->level == CONSE__METHOD__LEVEL__OPTIONAL ||
               err_fail(err, TOKEN_INVALID, "an access token is needed");
    return passport_check_level(method, caller->claims.level, err) &&
           passport_check_key(method, *caller->claims.key_id, err) && check_read_only(caller, method, err) &&
           check_feed(method, feed, err);
}

static bool draw_token(const struct limits *limits, enum limit_class class, const char *key, struct err *err)
{
    struct bucket_state state = limits_take(limits, class, key);
    if (state.allowed) return true;
    err_fail(err, RATE_LIMITED, "too many requests; try again in %u s", state.retry_after_s);
    err->retry_after_s = state.retry_after_s;
    return false;
}

// Proofs of work come with routes alone.
bool rights_draw(const struct caller *caller, const struct route *route, const struct limits *limits,
                 struct err *err)
{
    if (route->join_limited) return draw_token(limits, LIMIT_JOIN, caller->household, err);
    return !route->auth_limited || (draw_token(limits, LIMIT_AUTH, caller->household, err) &&
                                    draw_token(limits, LIMIT_CROWD, "", err));
}
