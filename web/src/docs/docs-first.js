// Before anything is drawn: the theme, as the console has it.
(() => {
    let theme = 'auto';
    try {
        theme = localStorage.getItem('conse.theme') ?? theme;
    } catch {
        // storage may be forbidden
    }
    if (theme === 'auto') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    document.documentElement.dataset.theme = theme;
})();
