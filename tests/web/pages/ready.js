export default () => navigator.userAgent;
