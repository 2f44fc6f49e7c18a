#include "services/auth/otp/otp_pace.h"

#include <stdio.h>
#include <string.h>

#include "services/auth/lockout.h"

enum {
    FREE_SENDS = 5,             // to one phone, before the phone itself is limited
    KNOWN_MOST_MS = 15 * 60000, // between the codes of a device that is known
    DAY_MS = 24 * 3600 * 1000,
};

static const char known_name[] = "known";

struct otp_sender otp_sender_of(bool known, const char *address)
{
    struct otp_sender sender = {.known = known};
    if (known)
        strcpy(sender.name, known_name);
    else
        network_of(sender.name, address, 24, 48);
    return sender;
}

static struct lockout of_sends(const struct auth *auth, int64_t after, const char *sentence)
{
    return (struct lockout){
        .after = after,
        .base_ms = auth->settings.otp_pause_ms,
        .most_ms = auth->settings.otp_pause_max_ms,
        .forget_ms = DAY_MS,
        .reason = CONSE__REASON__VALUE__OTP_TOO_SOON,
        .sentence = sentence,
    };
}

static struct lockout of_sender(const struct auth *auth, const char *phone, const char *sender)
{
    struct lockout lockout = of_sends(auth, 1, "codes to this phone were not used; the next has to wait");
    if (strcmp(sender, known_name) == 0 && lockout.most_ms > KNOWN_MOST_MS) lockout.most_ms = KNOWN_MOST_MS;
    snprintf(lockout.key, sizeof lockout.key, "sends:%s:%s", phone, sender);
    return lockout;
}

static struct lockout of_phone(const struct auth *auth, const char *phone)
{
    struct lockout lockout =
        of_sends(auth, FREE_SENDS, "too many codes were sent to this phone and not used");
    snprintf(lockout.key, sizeof lockout.key, "sends:%s", phone);
    return lockout;
}

bool otp_pace_check(struct auth *auth, const char *phone, const struct otp_sender *sender,
                    struct arena *arena, int64_t now_ms, struct err *err)
{
    const struct lockout both[2] = {of_sender(auth, phone, sender->name), of_phone(auth, phone)};
    return sender->known ? lockout_check(auth, &both[0], arena, now_ms, err)
                         : lockout_check_both(auth, both, arena, now_ms, err);
}

bool otp_pace_note(struct auth *auth, const char *phone, const struct otp_sender *sender, struct arena *arena,
                   int64_t now_ms, struct err *err)
{
    const struct lockout own = of_sender(auth, phone, sender->name), all = of_phone(auth, phone);
    return lockout_note_failure(auth, &own, arena, now_ms, err) &&
           (sender->known || lockout_note_failure(auth, &all, arena, now_ms, err));
}

bool otp_pace_clear(struct auth *auth, const char *phone, const char *sender, struct arena *arena,
                    struct err *err)
{
    const struct lockout own = of_sender(auth, phone, sender), all = of_phone(auth, phone);
    return lockout_clear(auth, &own, arena, err) && lockout_clear(auth, &all, arena, err);
}

bool otp_pace_erase(struct auth *auth, const char *phone, struct arena *arena, struct err *err)
{
    const struct lockout all = of_phone(auth, phone);
    const char *senders = arena_printf(arena, "%s:", all.key);
    if (!senders) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return lockout_clear(auth, &all, arena, err) && lockout_clear_prefix(auth, senders, arena, err);
}
