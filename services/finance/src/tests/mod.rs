mod credit;
mod ground;
mod pledges;
mod prices;
