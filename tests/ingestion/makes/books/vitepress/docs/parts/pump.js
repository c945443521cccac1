// #region main
const pump = open();
// #endregion main
pump.run();
