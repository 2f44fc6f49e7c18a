// People take seats and give them back, more of them than there are seats; with and without a waitlist.
const ARRIVALS = 18; // of one person in one event; 20 may be
const PEOPLE = 6;

export const seats = {
    name: 'seats',
    people: PEOPLE,
    async run(stage) {
        for (let waitlist = false; stage.going(); waitlist = !waitlist) {
            const event = await stage.open({ max_players: 3, waitlist });
            if (!event) continue;
            await Promise.all(stage.cast.people.map((person) => comesAndGoes(stage, event, person)));
            if (stage.going()) await stage.command(event.god, event, 'end', {}, 'POST', '/cancel');
        }
    },
};

async function comesAndGoes(stage, event, person) {
    for (let i = 0; i < ARRIVALS && stage.going(); i++) {
        await stage.command(person, event, 'reserve', {}, 'POST', '/reservations', {});
        await stage.breathe();
        if (stage.random.below(3) === 0) await stage.read(person, event, 'see', '');
        await stage.command(person, event, 'cancel', {}, 'DELETE', `/reservations/${person.id}`);
        await stage.breathe();
    }
}
