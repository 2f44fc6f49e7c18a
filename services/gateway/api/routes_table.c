// To add an endpoint: the method in proto/, its handler, and a row here.
#include "services/gateway/api/routes.h"

#define GET VERB_GET
#define POST VERB_POST
#define PUT VERB_PUT
#define PATCH VERB_PATCH
#define DELETE VERB_DELETE

static const struct route_row table[] = {
    {POST, "/auth/signup", "auth.Signup", 201, 0},
    {POST, "/auth/login", "auth.Login", 200, 0},
    {POST, "/auth/refresh", "auth.Refresh", 200, 0},
    {POST, "/auth/logout", "auth.Logout", 204, 0},
    {GET, "/auth/me", "auth.GetMe", 200, 0},
    {PATCH, "/auth/me", "auth.UpdateMe", 200, 0},
    {POST, "/auth/proof", "auth.Prove", 204, 0},
    {POST, "/auth/otp", "auth.SendOtp", 202, 0},
    {POST, "/auth/otp/verify", "auth.VerifyOtp", 200, 0},
    {POST, "/auth/wallet/challenge", "auth.WalletChallenge", 200, 0},
    {POST, "/auth/wallet/verify", "auth.WalletVerify", 200, 0},
    {GET, "/auth/users", "auth.ListUsers", 200, 0},
    {GET, "/auth/users/{user_id}", "auth.GetUser", 200, 0},
    {POST, "/auth/users/{user_id}/level", "auth.SetLevel", 200, 0},
    {POST, "/auth/users/{user_id}/suspend", "auth.SuspendUser", 200, 0},
    {DELETE, "/auth/users/{user_id}/suspend", "auth.UnsuspendUser", 200, 0},
    {GET, "/.well-known/jwks.json", "auth.GetJwks", 200, 0},
    {GET, "/.well-known/conse", "auth.GetIdentity", 200, 0},

    {GET, "/sides", "events.ListSides", 200, 0},
    {POST, "/sides", "events.CreateSide", 201, 0},
    {PATCH, "/sides/{id}", "events.UpdateSide", 200, 0},
    {GET, "/roles", "events.ListRoles", 200, 0},
    {POST, "/roles", "events.CreateRole", 201, 0},
    {PATCH, "/roles/{id}", "events.UpdateRole", 200, 0},
    {GET, "/last-moves", "events.ListLastMoves", 200, 0},
    {POST, "/last-moves", "events.CreateLastMove", 201, 0},
    {PATCH, "/last-moves/{id}", "events.UpdateLastMove", 200, 0},

    {GET, "/groups", "events.ListGroups", 200, 0},
    {POST, "/groups", "events.CreateGroup", 201, 0},
    {GET, "/groups/{group_id}", "events.GetGroup", 200, 0},
    {PATCH, "/groups/{group_id}", "events.UpdateGroup", 200, 0},
    {GET, "/groups/{id}/image", "events.GetGroupImage", 200, 0},
    {PUT, "/groups/{id}/image", "events.PutGroupImage", 204, 0},
    {GET, "/decks", "events.ListDecks", 200, 0},
    {POST, "/decks", "events.CreateDeck", 201, 0},
    {GET, "/decks/{deck_id}", "events.GetDeck", 200, 0},
    {PATCH, "/decks/{deck_id}", "events.UpdateDeck", 200, 0},

    {GET, "/events", "events.ListEvents", 200, 0},
    {POST, "/events", "events.CreateEvent", 201, 0},
    {GET, "/events/{event_id}", "events.GetEvent", 200, 0},
    {PATCH, "/events/{event_id}", "events.UpdateEvent", 200, 0},
    {DELETE, "/events/{event_id}", "events.DeleteEvent", 204, 0},
    {GET, "/events/{id}/image", "events.GetEventImage", 200, 0},
    {PUT, "/events/{id}/image", "events.PutEventImage", 204, 0},
    {GET, "/events/{event_id}/calendar.ics", "events.GetCalendar", 200, 0},
    {POST, "/events/{event_id}/reservations", "events.Reserve", 201, 0},
    {DELETE, "/events/{event_id}/reservations/{user_id}", "events.CancelReservation", 204, 0},
    {GET, "/events/{event_id}/waitlist", "events.ListWaitlist", 200, 0},
    {PUT, "/events/{event_id}/seats", "events.OrderSeats", 200, 0},
    {PUT, "/events/{event_id}/players/{user_id}/attendance", "events.SetAttendance", 200, 0},
    {POST, "/events/{event_id}/players/{user_id}/shown", "events.ShowCard", 204, 0},
    {GET, "/events/{event_id}/bans", "events.ListBans", 200, 0},
    {POST, "/events/{event_id}/bans", "events.BanUser", 201, 0},
    {DELETE, "/events/{event_id}/bans/{user_id}", "events.UnbanUser", 204, 0},
    {PUT, "/events/{event_id}/vote", "events.VoteEvent", 200, 0},
    {POST, "/events/{event_id}/lock", "events.LockEvent", 200, 0},
    {POST, "/events/{event_id}/unlock", "events.UnlockEvent", 200, 0},
    {POST, "/events/{event_id}/cancel", "events.CancelEvent", 200, 0},
    {POST, "/events/{event_id}/hand-over", "events.HandOverEvent", 200, 0},
    {POST, "/events/{event_id}/reveal", "events.Reveal", 200, 0},
    {GET, "/events/{event_id}/me", "events.GetMyPlayer", 200, 0},
    {GET, "/events/{event_id}/deal", "events.GetDeal", 200, 0},
    {GET, "/events/{event_id}/deck", "events.GetEventDeck", 200, 0},

    {GET, "/events/{event_id}/phases", "events.ListPhases", 200, 0},
    {POST, "/events/{event_id}/phases", "events.OpenPhase", 201, 0},
    {PATCH, "/events/{event_id}/phases/current", "events.UpdatePhase", 200, 0},
    {POST, "/events/{event_id}/phases/current/close", "events.ClosePhase", 200, 0},
    {PATCH, "/events/{event_id}/players/{user_id}", "events.UpdatePlayer", 200, 0},
    {POST, "/events/{event_id}/players/{user_id}/abilities", "events.UseAbility", 200, 0},
    {POST, "/events/{event_id}/players/{user_id}/chains", "events.ChainPlayer", 201, 0},
    {GET, "/events/{event_id}/uses", "events.ListUses", 200, 0},
    {GET, "/events/{event_id}/notes", "events.ListNotes", 200, 0},
    {POST, "/events/{event_id}/players/{user_id}/notes", "events.AddNote", 201, 0},
    {POST, "/events/{event_id}/notes", "events.AddTableNote", 201, 0},
    {POST, "/events/{event_id}/players/{user_id}/last-move", "events.DrawLastMove", 200, 0},
    {PUT, "/events/{event_id}/players/{user_id}/score", "events.ScorePlayer", 204, 0},
    {POST, "/events/{event_id}/players/{user_id}/fouls", "events.FoulPlayer", 200, 0},
    {POST, "/events/{event_id}/undo", "events.Undo", 200, 0},
    {GET, "/events/{event_id}/polls", "events.ListPolls", 200, 0},
    {POST, "/events/{event_id}/ready-check", "events.AskReady", 201, 0},
    {PUT, "/events/{event_id}/ready", "events.SayReady", 204, 0},
    {POST, "/events/{event_id}/clock", "events.SetClock", 200, 0},
    {POST, "/events/{event_id}/polls", "events.OpenPoll", 201, 0},
    {GET, "/events/{event_id}/polls/{poll_id}", "events.GetPoll", 200, 0},
    {PATCH, "/events/{event_id}/polls/{poll_id}", "events.UpdatePoll", 200, 0},
    {PUT, "/events/{event_id}/polls/{poll_id}/ballot", "events.CastBallot", 204, 0},
    {POST, "/events/{event_id}/polls/{poll_id}/close", "events.ClosePoll", 200, 0},
    {POST, "/events/{event_id}/finish", "events.FinishEvent", 200, 0},
    {GET, "/events/{event_id}/log", "events.ReadLog", 200, 0},

    {GET, "/openapi.json", NULL, 200, PAGE_OPENAPI},
    {GET, "/docs", NULL, 200, PAGE_DOCS},
    {GET, "/", NULL, 302, PAGE_ROOT},
};

const struct route_row *routes_table(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}
