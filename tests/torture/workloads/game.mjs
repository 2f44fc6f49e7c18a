// A game that was dealt, for workloads that need one.

// The event with everybody seated and a first day, or undefined at the end of the run.
export async function startGame(stage, { assistants = [] } = {}) {
    const { god, people } = stage.cast;
    const seated = people.filter((person) => !assistants.includes(person));
    const event = await stage.open({ max_players: seated.length });
    if (!event) return undefined;
    const step = (person, kind, args, method, route, body) =>
        stage.surely(() => stage.command(person, event, kind, args, method, route, body));
    for (const person of seated) if (!(await step(person, 'reserve', {}, 'POST', '/reservations', {}))) return undefined;
    for (const person of assistants)
        if (!(await step(god, 'assistant', { user: person.id }, 'PUT', `/assistants/${person.id}`))) return undefined;
    const begun =
        (await step(god, 'lock', {}, 'POST', '/lock')) &&
        (await step(god, 'reveal', {}, 'POST', '/reveal')) &&
        (await step(god, 'phase', { kind: 'DAY' }, 'POST', '/phases', { kind: 'DAY' }));
    return begun && { ...event, players: seated };
}
