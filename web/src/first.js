// Before anything is drawn: the theme and the language, so that nothing flashes.
(() => {
    const root = document.documentElement;
    let theme = 'auto';
    let language = '';
    try {
        theme = localStorage.getItem('conse.theme') ?? theme;
        language = localStorage.getItem('conse.language') ?? '';
    } catch {
        // storage may be forbidden
    }
    if (theme === 'auto') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    if (!language) language = navigator.languages.find((one) => /^(fa|en)\b/.test(one))?.slice(0, 2) ?? 'en';
    root.dataset.theme = theme;
    root.lang = language;
    root.dir = language === 'fa' ? 'rtl' : 'ltr';
})();
