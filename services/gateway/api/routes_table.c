// Adding an endpoint: the method in proto/, its handler, and a row here.
#include "services/gateway/api/routes.h"

#define GET VERB_GET
#define POST VERB_POST
#define PUT VERB_PUT
#define PATCH VERB_PATCH
#define DELETE VERB_DELETE

enum { SESSION = ROUTE_AUTH | ROUTE_NO_STORE | ROUTE_NO_KEY, ACCOUNT = ROUTE_NO_STORE | ROUTE_NO_KEY };

static const struct route table[] = {
    {POST, "/auth/signup", "auth.Signup", ROUTE_PUBLIC, 201, SESSION, 0},
    {POST, "/auth/login", "auth.Login", ROUTE_PUBLIC, 200, SESSION, 0},
    {POST, "/auth/refresh", "auth.Refresh", ROUTE_PUBLIC, 200, SESSION, 0},
    {POST, "/auth/logout", "auth.Logout", ROUTE_USER, 204, ACCOUNT, 0},
    {GET, "/auth/me", "auth.GetMe", ROUTE_USER, 200, 0, 0},
    {PATCH, "/auth/me", "auth.UpdateMe", ROUTE_USER, 200, ACCOUNT, 0},
    {POST, "/auth/otp", "auth.SendOtp", ROUTE_PUBLIC, 202, SESSION, 0},
    {POST, "/auth/otp/verify", "auth.VerifyOtp", ROUTE_OPTIONAL, 200, SESSION, 0},
    {POST, "/auth/wallet/challenge", "auth.WalletChallenge", ROUTE_OPTIONAL, 200, SESSION, 0},
    {POST, "/auth/wallet/verify", "auth.WalletVerify", ROUTE_OPTIONAL, 200, SESSION, 0},
    {GET, "/auth/users", "auth.ListUsers", ROUTE_DEV, 200, 0, 0},
    {GET, "/auth/users/{user_id}", "auth.GetUser", ROUTE_DEV, 200, 0, 0},
    {POST, "/auth/users/{user_id}/level", "auth.SetLevel", ROUTE_DEV, 200, ACCOUNT, 0},
    {GET, "/.well-known/jwks.json", "auth.GetJwks", ROUTE_PUBLIC, 200, 0, 0},
    {GET, "/.well-known/conse", "auth.GetIdentity", ROUTE_PUBLIC, 200, 0, 0},

    {GET, "/sides", "events.ListSides", ROUTE_USER, 200, 0, 0},
    {POST, "/sides", "events.CreateSide", ROUTE_DEV, 201, 0, 0},
    {PATCH, "/sides/{id}", "events.UpdateSide", ROUTE_DEV, 200, 0, 0},
    {GET, "/roles", "events.ListRoles", ROUTE_USER, 200, 0, 0},
    {POST, "/roles", "events.CreateRole", ROUTE_DEV, 201, 0, 0},
    {PATCH, "/roles/{id}", "events.UpdateRole", ROUTE_DEV, 200, 0, 0},
    {GET, "/last-moves", "events.ListLastMoves", ROUTE_USER, 200, 0, 0},
    {POST, "/last-moves", "events.CreateLastMove", ROUTE_DEV, 201, 0, 0},
    {PATCH, "/last-moves/{id}", "events.UpdateLastMove", ROUTE_DEV, 200, 0, 0},

    {GET, "/groups", "events.ListGroups", ROUTE_PUBLIC, 200, 0, 0},
    {POST, "/groups", "events.CreateGroup", ROUTE_GOD, 201, 0, 0},
    {GET, "/groups/{group_id}", "events.GetGroup", ROUTE_PUBLIC, 200, 0, 0},
    {PATCH, "/groups/{group_id}", "events.UpdateGroup", ROUTE_GOD, 200, 0, 0},
    {GET, "/groups/{id}/image", "events.GetGroupImage", ROUTE_PUBLIC, 200, ROUTE_RAW_REPLY, 0},
    {PUT, "/groups/{id}/image", "events.PutGroupImage", ROUTE_GOD, 204, ROUTE_RAW_BODY, 0},
    {GET, "/decks", "events.ListDecks", ROUTE_GOD, 200, 0, 0},
    {POST, "/decks", "events.CreateDeck", ROUTE_GOD, 201, 0, 0},
    {GET, "/decks/{deck_id}", "events.GetDeck", ROUTE_GOD, 200, 0, 0},
    {PATCH, "/decks/{deck_id}", "events.UpdateDeck", ROUTE_GOD, 200, 0, 0},

    {GET, "/events", "events.ListEvents", ROUTE_OPTIONAL, 200, 0, 0},
    {POST, "/events", "events.CreateEvent", ROUTE_GOD, 201, 0, 0},
    {GET, "/events/{event_id}", "events.GetEvent", ROUTE_OPTIONAL, 200, 0, 0},
    {PATCH, "/events/{event_id}", "events.UpdateEvent", ROUTE_GOD, 200, 0, 0},
    {DELETE, "/events/{event_id}", "events.DeleteEvent", ROUTE_GOD, 204, 0, 0},
    {GET, "/events/{id}/image", "events.GetEventImage", ROUTE_PUBLIC, 200, ROUTE_RAW_REPLY, 0},
    {PUT, "/events/{id}/image", "events.PutEventImage", ROUTE_GOD, 204, ROUTE_RAW_BODY, 0},
    {GET, "/events/{event_id}/calendar.ics", "events.GetCalendar", ROUTE_PUBLIC, 200, ROUTE_RAW_REPLY, 0},
    {POST, "/events/{event_id}/reservations", "events.Reserve", ROUTE_USER, 201, ROUTE_EXISTING, 0},
    {DELETE, "/events/{event_id}/reservations/{user_id}", "events.CancelReservation", ROUTE_SELF, 204, 0, 0},
    {PUT, "/events/{event_id}/vote", "events.VoteEvent", ROUTE_USER, 200, 0, 0},
    {POST, "/events/{event_id}/lock", "events.LockEvent", ROUTE_GOD, 200, 0, 0},
    {POST, "/events/{event_id}/unlock", "events.UnlockEvent", ROUTE_GOD, 200, 0, 0},
    {POST, "/events/{event_id}/cancel", "events.CancelEvent", ROUTE_GOD, 200, 0, 0},
    {POST, "/events/{event_id}/hand-over", "events.HandOverEvent", ROUTE_GOD, 200, 0, 0},
    {POST, "/events/{event_id}/reveal", "events.Reveal", ROUTE_GOD, 200, 0, 0},
    {GET, "/events/{event_id}/me", "events.GetMyPlayer", ROUTE_USER, 200, 0, 0},
    {GET, "/events/{event_id}/deal", "events.GetDeal", ROUTE_OPTIONAL, 200, 0, 0},
    {GET, "/events/{event_id}/deck", "events.GetEventDeck", ROUTE_OPTIONAL, 200, 0, 0},

    {GET, "/events/{event_id}/phases", "events.ListPhases", ROUTE_OPTIONAL, 200, 0, 0},
    {POST, "/events/{event_id}/phases", "events.OpenPhase", ROUTE_GOD, 201, 0, 0},
    {PATCH, "/events/{event_id}/phases/current", "events.UpdatePhase", ROUTE_GOD, 200, 0, 0},
    {POST, "/events/{event_id}/phases/current/close", "events.ClosePhase", ROUTE_GOD, 200, 0, 0},
    {PATCH, "/events/{event_id}/players/{user_id}", "events.UpdatePlayer", ROUTE_GOD, 200, 0, 0},
    {POST, "/events/{event_id}/players/{user_id}/abilities", "events.UseAbility", ROUTE_GOD, 200, 0, 0},
    {POST, "/events/{event_id}/players/{user_id}/chains", "events.ChainPlayer", ROUTE_GOD, 201, 0, 0},
    {POST, "/events/{event_id}/players/{user_id}/notes", "events.AddNote", ROUTE_GOD, 201, 0, 0},
    {POST, "/events/{event_id}/players/{user_id}/last-move", "events.DrawLastMove", ROUTE_GOD, 200, 0, 0},
    {PUT, "/events/{event_id}/players/{user_id}/score", "events.ScorePlayer", ROUTE_GOD, 204, 0, 0},
    {POST, "/events/{event_id}/polls", "events.OpenPoll", ROUTE_GOD, 201, 0, 0},
    {GET, "/events/{event_id}/polls/{poll_id}", "events.GetPoll", ROUTE_USER, 200, 0, 0},
    {PATCH, "/events/{event_id}/polls/{poll_id}", "events.UpdatePoll", ROUTE_GOD, 200, 0, 0},
    {PUT, "/events/{event_id}/polls/{poll_id}/ballot", "events.CastBallot", ROUTE_USER, 204, 0, 0},
    {POST, "/events/{event_id}/polls/{poll_id}/close", "events.ClosePoll", ROUTE_GOD, 200, 0, 0},
    {POST, "/events/{event_id}/finish", "events.FinishEvent", ROUTE_GOD, 200, 0, 0},
    {GET, "/events/{event_id}/log", "events.ReadLog", ROUTE_USER, 200, ROUTE_WAIT, 0},

    {GET, "/openapi.json", NULL, ROUTE_PUBLIC, 200, 0, PAGE_OPENAPI},
    {GET, "/docs", NULL, ROUTE_PUBLIC, 200, 0, PAGE_DOCS},
    {GET, "/", NULL, ROUTE_PUBLIC, 302, 0, PAGE_ROOT},
};

const struct route *routes_table(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}
