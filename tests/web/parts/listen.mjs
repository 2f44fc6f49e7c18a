// Everything that a page is told by the API, streams too, in window.told: an init script.
export const listen = () => {
    window.told = [];
    const ask = window.fetch;
    window.fetch = async (path, options) => {
        const reply = await ask(path, options);
        if (!reply.body) return reply;
        const [one, two] = reply.body.tee();
        const at = window.told.push({ asked: `${options?.method ?? 'GET'} ${path}`, text: '' }) - 1;
        (async () => {
            const reader = two.pipeThrough(new TextDecoderStream()).getReader();
            for (let piece; !(piece = await reader.read()).done; ) window.told[at].text += piece.value;
        })().catch(() => {});
        return new Response(one, { status: reply.status, headers: reply.headers });
    };
};
